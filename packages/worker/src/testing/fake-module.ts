/** The module of the fake application, for an agent's `applications`. From src (tests) and from dist alike: a child runs what is built. */
export const fakeApplicationsModule: string = new URL("../../dist/testing/fake-applications.js", import.meta.url).href;
