// The page: photos come in by four ways, one picture of them is shown, and given as a file.

import {arrange, chosen, onChange} from "./controls.js";
import {Live} from "./live.js";
import {compare, showPhoto, showResult} from "./pictures.js";
import {about, segment} from "./server.js";

const PREVIEW = 1600; // pixels of the longer side that is shown; files have the photo's own size
const QUICK = 1024; // while a colour is moved
const MOST_ANSWERS = 32;
const part = id => document.getElementById(id);
const [stage, input, status, error, download] = ["stage", "file", "status", "error", "download"].map(part);

let file = null; // the photo
let live = null; // or the camera
let limits = {max_bytes: Infinity};
let small = null; // the photo for while a colour is moved, a promise
let isFollowing = false, isStale = false; // a colour that is moved; it moved on since it was last asked for
let asking = null; // what stops the question that is under way
const answers = new Map(); // of this photo, by what was asked

const source = () => (live ? "live" : file ? "photo" : "none");

/** Parameters of api/segment for what the form says. */
function wanted(longest) {
  const {view, target, background, color, paint, strength, refine} = chosen();
  const all = {output: view, refine, longest};
  if (view !== "overlay") all.target = target;
  if (view === "recolor") Object.assign(all, {color: paint, strength});
  // Colours are laid behind a transparent cut-out here, so that they change at once.
  if (view === "cutout") all.background = background !== "color" ? background : longest ? "transparent" : color;
  return all;
}

async function open(photo) {
  if (!photo) return;
  if (photo.size > limits.max_bytes) {
    return say(`The file is too large: ${+(limits.max_bytes / 2 ** 20).toFixed(1)} MiB are the most here.`);
  }
  stopCamera();
  file = photo;
  small = null;
  answers.clear();
  showPhoto(photo);
  await show();
}

async function show(isMoving = false) {
  arrange(source());
  if (live || !file) return;
  const {view, target, background, color} = chosen();
  const answer = await ask(PREVIEW, isMoving);
  if (!answer) return;
  const words = {overlay: "The photo, face painted red, hair green", cutout: `The ${target}, cut out`,
    alpha: `Mask of the ${target}`, recolor: `The photo, the ${target} in another colour`}[view];
  part("empty").hidden = true;
  part("pictures").hidden = false;
  showResult(answer.blob, words, view === "cutout" && background === "transparent" ? null : color);
  if (!isMoving) tell(answer);
}

/** The server's answer to what the form says now; undefined if it refused or was asked something else meanwhile. */
async function ask(longest, isMoving = false) {
  asking?.abort();
  const mine = asking = new AbortController();
  const question = wanted(longest), key = JSON.stringify([question, isMoving]);
  stage.setAttribute("aria-busy", "true");
  try {
    const answer = answers.get(key) ?? await segment(isMoving ? await reduced() : file, question, mine.signal);
    if (mine !== asking) return;
    answers.set(key, answer);
    if (answers.size > MOST_ANSWERS) answers.delete(answers.keys().next().value);
    say("");
    return answer;
  } catch (problem) {
    if (problem.name !== "AbortError") failed(problem.message);
  } finally {
    if (mine === asking) {
      stage.setAttribute("aria-busy", "false");
      download.disabled = !file;
    }
  }
}

/** Pictures of a colour that is being moved: one question at a time, the next one for where it is then. */
async function follow() {
  isStale = true;
  if (isFollowing) return;
  isFollowing = true;
  while (isStale) {
    isStale = false;
    await show(true);
  }
  isFollowing = false;
}

/** The photo in a size that is quickly answered for. */
function reduced() {
  small ??= createImageBitmap(file).then(picture => {
    const scale = Math.min(1, QUICK / Math.max(picture.width, picture.height));
    const canvas = new OffscreenCanvas(Math.ceil(picture.width * scale), Math.ceil(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return scale < 1 ? canvas.convertToBlob({type: "image/jpeg", quality: 0.92}) : file;
  }).catch(() => file); // one that browsers do not show
  return small;
}

function failed(sentence) {
  say(sentence);
  if (answers.size === 0 && !live) { // nothing can be made of this photo
    file = null;
    status.textContent = "";
    part("pictures").hidden = true;
    part("empty").hidden = false;
    arrange(source());
  }
}

function say(sentence) {
  error.textContent = sentence;
  error.hidden = !sentence;
}

function tell({shares: [, face, hair], seconds}) {
  const percent = share => `${(100 * share).toFixed(1)} %`;
  const found = face + hair < 0.0005 ? "no face and no hair found" : `face ${percent(face)}, hair ${percent(hair)}`;
  status.textContent = `${file.name || "photo"}: ${found}, in ${seconds.toFixed(2)} s`;
}

async function save() {
  const {view, target} = chosen(), photo = file;
  const answer = await ask(0);
  if (!answer) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(answer.blob);
  link.download = `${(photo.name || "photo").replace(/\.[^.]*$/, "")}.${view === "overlay" ? view : `${target}.${view}`}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function startCamera() {
  const camera = new Live(part("camera"), part("live"), chosen, {
    rate: number => { part("rate").textContent = `${number.toFixed(0)} frames a second`; },
    failed: sentence => { stopCamera(); say(sentence); },
  });
  say("");
  try {
    live = camera;
    await camera.start();
  } catch (problem) {
    if (live !== camera) return;
    stopCamera();
    return say(problem.message);
  }
  if (live !== camera) return;
  asking?.abort();
  name("Stop camera", true);
  part("live").hidden = part("camera").hidden = false;
  part("empty").hidden = part("pictures").hidden = true;
  status.textContent = "The camera is on.";
  arrange(source());
}

function stopCamera() {
  if (!live) return;
  live.stop();
  live = null;
  name("Use camera", false);
  part("live").hidden = part("camera").hidden = true;
  part("pictures").hidden = !file;
  part("empty").hidden = Boolean(file);
  part("rate").textContent = "";
  status.textContent = "";
  arrange(source());
}

function name(words, isPressed) {
  part("use-camera").textContent = words;
  part("use-camera").setAttribute("aria-pressed", isPressed);
}

function dropped(event) {
  event.preventDefault();
  stage.classList.remove("over");
  open([...event.dataTransfer.files][0]);
}

part("empty").addEventListener("click", () => input.click());
input.addEventListener("change", () => { open(input.files[0]); input.value = ""; });
document.addEventListener("dragover", event => { event.preventDefault(); stage.classList.add("over"); });
document.addEventListener("dragleave", event => { if (!event.relatedTarget) stage.classList.remove("over"); });
document.addEventListener("drop", dropped);
document.addEventListener("paste", event => open([...event.clipboardData.files][0]));
part("use-camera").addEventListener("click", () => { if (live) { stopCamera(); show(); } else startCamera(); });
part("take").addEventListener("click", async () => {
  await open(await live.still());
  download.focus(); // the button itself is gone
});
download.addEventListener("click", save);
onChange((name, isMoving) => {
  if (name === "compare") compare(chosen().compare);
  else if (isMoving && file && !live) follow();
  else if (name !== "mirror") {
    isStale = false;
    show();
  }
});

arrange(source());
limits = await about().catch(() => limits);
part("about").textContent = limits.version
  ? `FaceSeg ${limits.version}, network ${limits.network}: its weights are for research and non-commercial use.` : "";
