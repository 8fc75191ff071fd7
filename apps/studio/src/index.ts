/** Where the built page lies, as a file URL: index.html, app.js, style.css and what they need. A static file server is all it takes. */
export const pageFolder: string = new URL("../dist/page/", import.meta.url).href;
