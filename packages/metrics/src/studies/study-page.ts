import type { StudyPlan } from "./plan-study.ts";

const escaped = (text: string) =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]!);

/** What participants may know: addresses of pictures, no methods and no right answers. */
const shown = ({ emotions, participants }: StudyPlan) => ({
  ...(emotions ? { emotions } : {}),
  participants: participants.map((trials) =>
    trials.map((trial) => (trial.kind === "preference" ? [trial.left.picture, trial.right.picture] : [trial.picture])),
  ),
});

/**
 * One HTML page that runs a study: no server, no network, nothing stored. It asks which participant one is, shows the trials of this place, and offers
 * the answers as a file for `studyResults`. Pictures are taken from the addresses in the plan, relative to the page; the page holds no method's name, so
 * addresses should not either. Keys: left and right arrow, or digits.
 */
export function studyPage(plan: StudyPlan): string {
  // "<" inside a script could end it.
  const data = JSON.stringify(shown(plan)).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(plan.title)}</title>
<style>
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; text-align: center; color: #222; background: #fff }
  h1 { font-size: 1.5rem }
  .pictures { display: flex; gap: 1rem; justify-content: center }
  button, input, a { font: inherit }
  button { padding: .5rem 1rem; margin: .25rem; border: 2px solid #888; border-radius: .5rem; background: #f4f4f4; cursor: pointer }
  button:focus-visible, button:hover { border-color: #05c; background: #fff }
  img { width: min(38vw, 20rem); aspect-ratio: 1; object-fit: contain; display: block }
  input { width: 5rem }
  .problem { color: #a00 }
</style>
<h1>${escaped(plan.title)}</h1>
<main aria-live="polite"></main>
<script type="application/json" id="plan">${data}</script>
<script type="module">
const plan = JSON.parse(document.getElementById("plan").textContent);
const main = document.querySelector("main");
const answers = [];
const make = (tag, properties, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};
const count = plan.participants.length;
function ask() {
  const field = make("input", { type: "number", min: 1, max: count, value: 1, id: "person" });
  const start = make("button", { textContent: "Start" });
  start.onclick = () => {
    const person = Number(field.value) - 1;
    if (plan.participants[person]) show(person, 0);
    else field.focus();
  };
  const label = make("label", { htmlFor: "person", textContent: "Your number, 1 to " + count + ": " });
  main.replaceChildren(make("p", {}, label, field), start);
}
async function show(person, index) {
  const trials = plan.participants[person];
  const trial = trials[index];
  if (!trial) return finish(person);
  const images = trial.map((src, i) => make("img", { src, alt: trial.length === 1 ? "a face" : i === 0 ? "left picture" : "right picture" }));
  // Time runs, and answers count, once everything can be seen.
  try {
    await Promise.all(images.map((image) => image.decode()));
  } catch {
    return main.replaceChildren(make("p", { className: "problem", textContent: "A picture cannot be shown: " + trial.join(", ") + ". Tell whoever gave you this page." }));
  }
  const began = performance.now();
  const choose = (answer) => {
    document.onkeydown = null;
    answers.push({ participant: person, trial: index, answer, milliseconds: Math.round(performance.now() - began) });
    show(person, index + 1);
  };
  const progress = make("p", { textContent: index + 1 + " of " + trials.length });
  const names = plan.emotions ?? ["left", "right"];
  const keys = Object.fromEntries(names.map((name, i) => [plan.emotions ? i + 1 : ["ArrowLeft", "ArrowRight"][i], name]));
  const buttons = names.map((name, i) => {
    const button = plan.emotions ? make("button", { textContent: i + 1 + " " + name }) : make("button", {}, images[i]);
    button.onclick = () => choose(name);
    return button;
  });
  if (plan.emotions) main.replaceChildren(make("div", { className: "pictures" }, ...images), make("p", {}, ...buttons), progress);
  else main.replaceChildren(make("div", { className: "pictures" }, ...buttons), progress);
  document.onkeydown = (event) => {
    // A key that is held down answers once.
    if (!event.repeat && keys[event.key]) choose(keys[event.key]);
  };
}
function finish(person) {
  const file = new Blob([JSON.stringify(answers, null, 1)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: "answers-" + (person + 1) + ".json", textContent: "Save the answers" });
  main.replaceChildren(make("p", { textContent: "Thank you. Save your answers and send the file to whoever gave you this page." }), make("p", {}, link));
}
ask();
</script>
</html>
`;
}
