// The photo and what was made of it, one over the other, with a line between them that moves.

const stage = document.getElementById("stage");
const photo = document.getElementById("photo");
const result = document.getElementById("result");
const divider = document.getElementById("divider");

photo.addEventListener("error", () => { photo.dataset.broken = ""; }); // a TIFF, say, which browsers do not show
result.addEventListener("load", fit);
new ResizeObserver(fit).observe(stage);

/** Puts a new photo on the stage. */
export function showPhoto(blob) {
  delete photo.dataset.broken;
  change(photo, blob);
  result.removeAttribute("src");
}

/** Lays a picture of it over it. background: a CSS colour behind transparent pixels, or null for squares. */
export function showResult(blob, words, background) {
  if (blob) change(result, blob);
  result.alt = words;
  result.classList.toggle("squares", background === null);
  result.style.backgroundColor = background ?? "";
}

/** Shows the photo itself on the left, so many hundredths of the width. */
export function compare(hundredths) {
  const isSplit = hundredths > 0 && !("broken" in photo.dataset);
  photo.style.clipPath = `inset(0 ${100 - hundredths}% 0 0)`;
  result.style.clipPath = isSplit ? `inset(0 0 0 ${hundredths}%)` : "";
  divider.hidden = !isSplit || hundredths === 100;
  divider.style.transform = `translateX(${result.offsetLeft + result.offsetWidth * hundredths / 100 - 1}px)`;
}

/** As large as the stage lets them be, but never above three times their own size. */
function fit() {
  const {naturalWidth: width, naturalHeight: height} = result;
  if (!width) return;
  const scale = Math.min((stage.clientWidth - 2) / width, (stage.clientHeight - 2) / height, 3);
  for (const picture of [photo, result]) {
    picture.style.width = `${Math.round(width * scale)}px`;
    picture.style.height = `${Math.round(height * scale)}px`;
  }
  divider.style.height = result.style.height;
  compare(Number(document.querySelector("[name=compare]").value));
}

function change(image, blob) {
  URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
}
