import type { StudyPlan } from "./plan-study.ts";

const escaped = (text: string) =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]!);

/**
 * One HTML page that runs a study: no server, no network, nothing stored. It asks which participant one is, shows the trials of this place, and offers
 * the answers as a file for `studyResults`. Pictures are taken from the addresses in the plan, relative to the page. Keys: left and right arrow, or digits.
 */
export function studyPage(plan: StudyPlan): string {
  // "<" inside a script could end it.
  const data = JSON.stringify(plan).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(plan.title)}</title>
<style>
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; text-align: center; color: #222; background: #fff }
  .pictures { display: flex; gap: 1rem; justify-content: center; flex-wrap: wrap }
  button { font: inherit; padding: .5rem 1rem; margin: .25rem; border: 2px solid #888; border-radius: .5rem; background: #f4f4f4; cursor: pointer }
  button:focus-visible, button:hover { border-color: #05c; background: #fff }
  img { width: min(40vw, 20rem); image-rendering: auto; display: block }
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
function ask() {
  const field = make("input", { type: "number", min: 1, max: plan.participants.length, value: 1, id: "person" });
  const start = make("button", { textContent: "Start" });
  start.onclick = () => {
    const person = Number(field.value) - 1;
    if (plan.participants[person]) show(person, 0);
    else field.focus();
  };
  const label = make("label", { htmlFor: "person", textContent: "Your number, 1 to " + plan.participants.length + ": " });
  main.replaceChildren(make("p", {}, label, field), start);
}
function show(person, index) {
  const trial = plan.participants[person][index];
  if (!trial) return finish(person);
  const began = performance.now();
  const choose = (answer) => {
    document.onkeydown = null;
    answers.push({ participant: person, trial: index, answer, milliseconds: Math.round(performance.now() - began) });
    show(person, index + 1);
  };
  const progress = make("p", { textContent: index + 1 + " of " + plan.participants[person].length });
  if (trial.kind === "preference") {
    const side = (name) => {
      const button = make("button", {}, make("img", { src: trial[name].picture, alt: name + " picture" }));
      button.onclick = () => choose(name);
      return button;
    };
    main.replaceChildren(make("div", { className: "pictures" }, side("left"), side("right")), progress);
    document.onkeydown = (event) => {
      if (event.key === "ArrowLeft") choose("left");
      if (event.key === "ArrowRight") choose("right");
    };
  } else {
    const buttons = plan.emotions.map((emotion, i) => {
      const button = make("button", { textContent: i + 1 + " " + emotion });
      button.onclick = () => choose(emotion);
      return button;
    });
    const picture = make("div", { className: "pictures" }, make("img", { src: trial.picture, alt: "a face" }));
    main.replaceChildren(picture, make("p", {}, ...buttons), progress);
    document.onkeydown = (event) => {
      const emotion = plan.emotions[Number(event.key) - 1];
      if (emotion) choose(emotion);
    };
  }
}
function finish(person) {
  const file = new Blob([JSON.stringify(answers, null, 1)], { type: "application/json" });
  const link = make("a", { href: URL.createObjectURL(file), download: "answers-" + (person + 1) + ".json", textContent: "Save the answers" });
  main.replaceChildren(make("p", { textContent: "Thank you." }), make("p", {}, link));
}
ask();
</script>
</html>
`;
}
