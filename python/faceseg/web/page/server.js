// What the page asks the server: one picture of one photo. Nothing of the page itself.

/** What a server says of itself, its limits among it. */
export async function about() {
  return (await asked("api/about")).json();
}

/**
 * One picture of a photo. Its answer is {blob, shares: [background, face, hair], seconds}.
 * wanted: parameters of api/segment. Throws an Error whose message is a sentence, or AbortError.
 */
export async function segment(file, wanted, signal) {
  const start = performance.now();
  const answer = await asked(`api/segment?${new URLSearchParams(wanted)}`, {method: "POST", body: file, signal});
  const blob = await answer.blob();
  const shares = answer.headers.get("FaceSeg-Shares").split(" ").map(Number);
  return {blob, shares, seconds: (performance.now() - start) / 1000};
}

async function asked(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Is it still running?");
  }
  if (answer.ok) return answer;
  const {detail} = await answer.json().catch(() => ({}));
  throw new Error(detail ?? `The server answered ${answer.status}.`);
}
