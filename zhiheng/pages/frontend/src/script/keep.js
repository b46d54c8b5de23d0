// What is typed into a form marked data-keep stays in this tab until it was sent, so that a closed lid, a wrong click or
// a lost network costs nothing. The session of the tab forgets it; passwords and files are never kept.
const PREFIX = "kept:";
const keyOf = (form) => [PREFIX, document.body.dataset.actor, location.pathname, form.dataset.keep].join("|");
const kept = (field) => field.name && !["password", "file", "hidden", "submit", "button"].includes(field.type) && !field.name.startsWith("csrf");

function save(form) {
  const values = [...form.elements].filter(kept).map((field) => [field.name, ["checkbox", "radio"].includes(field.type) ? [field.value, field.checked] : field.value]);
  try {
    sessionStorage.setItem(keyOf(form), JSON.stringify(values));
  } catch {
    // No room or not allowed: the form works without it.
  }
}

function restore(form) {
  let values;
  try {
    values = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "[]");
  } catch {
    return;
  }
  for (const [name, value] of values)
    for (const field of form.elements) {
      if (field.name !== name || !kept(field)) continue;
      if (Array.isArray(value)) {
        if (field.value === value[0]) field.checked = value[1];
      } else if (field.value === field.defaultValue || !field.value) field.value = value;
    }
}

// Signing out leaves nothing behind for the next person at the same desk.
for (const form of document.querySelectorAll("form[data-signs-out]"))
  form.addEventListener("submit", () => {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  });

for (const form of document.querySelectorAll("form[data-keep]")) {
  // Values that the server gave back (errors, an ended session) are newer than what the tab remembers.
  if (!form.matches("[data-filled]")) restore(form);
  form.addEventListener("input", () => save(form));
  form.addEventListener("submit", () => sessionStorage.removeItem(keyOf(form)));
}
