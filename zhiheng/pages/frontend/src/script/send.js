// Forms that anybody may send: the work is done while they are filled in; photographs are made smaller before they leave the telephone,
// which takes the place and the time out of them as well. Without a script the same forms can be sent, in a slower lane.
const SIDE = 2048;

function worker(form) {
  // Browsers give this only to pages that came over https, or from the same machine.
  if (!window.Worker || !window.crypto?.subtle) return Promise.resolve(null);
  return new Promise((done) => {
    const given = JSON.parse(form.dataset.work);
    const hired = new Worker(form.dataset.worker);
    hired.addEventListener("message", ({ data }) => done(data === null ? null : { ...given, number: data }));
    hired.addEventListener("error", () => done(null));
    hired.postMessage(given);
  });
}

function written({ algorithm, challenge, number, salt, signature }) {
  return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
}

async function smaller(file) {
  if (!file.type.startsWith("image/") || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const share = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * share);
    canvas.height = Math.round(picture.height * share);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob ? new File([blob], "photograph.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

async function shrink(field) {
  const small = new DataTransfer();
  for (const file of await Promise.all([...field.files].map(smaller))) small.items.add(file);
  field.files = small.files;
}

// What was sent for good leaves no page behind that the browser would ask to send again: its answer, the receipt, takes the place of the
// form in the history. Everything that goes wrong on the way is left to the browser, which sends the form as it always does.
async function sendInPlace(form, button) {
  const sent = new FormData(form);
  sent.append(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body: sent });
  if (answer.redirected) {
    location.replace(answer.url);
    return;
  }
  document.open();
  document.write(await answer.text());
  document.close();
}

for (const form of document.querySelectorAll("form[data-work]")) {
  const solution = form.querySelector("input[name=solution]");
  const work = worker(form).then((solved) => {
    if (solved) solution.value = written(solved);
  });
  let pictures = Promise.resolve();
  for (const field of form.querySelectorAll("input[type=file]")) {
    field.addEventListener("change", () => {
      pictures = shrink(field);
    });
  }
  let sending = false;
  form.addEventListener("submit", async (event) => {
    if ("ready" in form.dataset) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    await Promise.all([work, pictures]);
    if (button && "inPlace" in button.dataset) {
      try {
        await sendInPlace(form, button);
        return;
      } catch {
        // Sent twice it is taken once.
      }
    }
    form.dataset.ready = "";
    // Not before this event is over: until then the browser sends nothing anew.
    setTimeout(() => form.requestSubmit(button));
  });
  // Coming back by the browser's button: the form can be sent again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

// Which further questions stand on the page depends on the kind that is chosen.
function chosen(form) {
  const kind = form.querySelector("input[name=kind]:checked")?.value;
  for (const part of form.querySelectorAll("[data-of-kind]")) part.hidden = Boolean(kind) && part.dataset.ofKind !== kind;
}
for (const form of document.querySelectorAll("form[data-kinds]")) {
  form.addEventListener("change", () => chosen(form));
  chosen(form);
}
