// Forms: sent once, files dropped onto their field, what is wrong found at once, a word before leaving something unsaved.

// A second click while the first is under way does nothing; the server refuses it as well (form_token).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method.toLowerCase() !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  // htmx sends the form itself and tells when it is done.
  if (form.matches("[hx-post], [hx-put], [hx-delete], [hx-patch]")) return;
  form.dataset.sent = "";
  for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) button.setAttribute("aria-busy", "true");
});
// Coming back by the browser's button: the form can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('[aria-busy="true"]')) button.removeAttribute("aria-busy");
  }
});

function wireDrop(drop) {
  const field = drop.querySelector('input[type="file"]');
  const list = drop.querySelector(".chosen");
  if (!field || drop.dataset.wired) return;
  drop.dataset.wired = "";
  const show = () => {
    if (!list) return;
    list.replaceChildren(
      ...[...field.files].map((file) => {
        const line = document.createElement("li");
        const kilobytes = Math.max(1, Math.round(file.size / 1024)).toLocaleString();
        line.textContent = `${file.name} — ${kilobytes} KB`;
        return line;
      }),
    );
  };
  field.addEventListener("change", show);
  for (const name of ["dragenter", "dragover"])
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("is-over");
    });
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("is-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    const given = new DataTransfer();
    for (const file of event.dataTransfer.files) if (field.multiple || !given.files.length) given.items.add(file);
    field.files = given.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// A choice that narrows a list is applied when it is made; without a script there is a button for it.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-instant]");
  if (form) form.requestSubmit();
});

function wire(root) {
  for (const drop of root.querySelectorAll?.(".drop") ?? []) wireDrop(drop);
  const wrong = root.querySelector?.(".error-summary");
  if (wrong) wrong.focus();
}
wire(document);
document.addEventListener("htmx:load", (event) => wire(event.target));

// The box in the head of a table ticks every box of its name in the form. It is hidden where no script runs: there, what stands below
// the table decides about all at once.
function tickAll(root) {
  for (const head of root.querySelectorAll("input[data-ticks]")) {
    const boxes = () => [...(head.form ?? document).querySelectorAll(`input[type=checkbox][name="${head.dataset.ticks}"]`)];
    const show = () => {
      const ticked = boxes().filter((box) => box.checked).length;
      head.checked = ticked > 0 && ticked === boxes().length;
      head.indeterminate = ticked > 0 && ticked < boxes().length;
    };
    head.hidden = boxes().length === 0;
    head.addEventListener("change", () => {
      for (const box of boxes()) box.checked = head.checked;
    });
    head.form?.addEventListener("change", (event) => {
      if (event.target !== head) show();
    });
    show();
  }
}
tickAll(document);
