// A table that is wider than its place scrolls sideways; who works with the keyboard reaches it by Tab, named by its caption.
const watch = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const box = target.closest(".table-box");
    if (!box) continue;
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) {
      box.tabIndex = 0;
      const caption = box.querySelector("caption")?.textContent.trim();
      if (caption) {
        box.setAttribute("role", "region");
        box.setAttribute("aria-label", caption);
      }
    } else box.removeAttribute("tabindex");
  }
});

export function reachable(root) {
  for (const box of root.querySelectorAll?.(".table-box") ?? []) {
    watch.observe(box);
    if (box.firstElementChild) watch.observe(box.firstElementChild);
  }
}

// The picture of a procedure that is larger than its place begins where the case stands.
export function beginsWhereItStands(root) {
  for (const box of root.querySelectorAll?.(".wf-picture") ?? []) {
    const here = box.querySelector(".wf-card.is-here");
    if (!here) continue;
    const [place, card] = [box.getBoundingClientRect(), here.getBoundingClientRect()];
    box.scrollLeft += card.left - place.left - Math.max(0, (place.width - card.width) / 2);
    box.scrollTop += card.top - place.top - Math.max(0, (place.height - card.height) / 2);
  }
}
