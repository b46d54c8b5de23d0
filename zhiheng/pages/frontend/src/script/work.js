// The work that a form asks for, off the page's own thread: the number whose SHA-256 together with the salt is the challenge (ALTCHA).
const AT_ONCE = 128;
const letters = new TextEncoder();

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function solve({ challenge, salt, maxnumber }) {
  for (let start = 0; start <= maxnumber; start += AT_ONCE) {
    const tried = Array.from({ length: AT_ONCE }, (_, at) => crypto.subtle.digest("SHA-256", letters.encode(salt + (start + at))));
    const at = (await Promise.all(tried)).findIndex((digest) => hex(digest) === challenge);
    if (at >= 0) return start + at;
  }
  return null;
}

addEventListener("message", async ({ data }) => {
  postMessage(await solve(data));
});
