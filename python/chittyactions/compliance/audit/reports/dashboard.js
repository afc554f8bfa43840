"use strict";
(() => {
  const by = (id) => document.getElementById(id);

  // Each table has a form of its own above it; that of the services filters what is told service by service as well.
  const filtered = (form) => {
    const name = form.id.slice("filters-".length);
    const table = by(`table-${name}`);
    const rows = Array.from(table.querySelectorAll("tbody tr"));
    const leads = name === "services";
    const lots = [...table.tBodies, ...(leads ? document.querySelectorAll(".lot") : [])];
    const fields = ["q", "org", "type", "outcome"].map((field) => form.elements.namedItem(field));
    const count = by(`count-${name}`);
    let known;

    // What a row is found by; read when somebody first filters, so that a large page opens at once.
    const facts = () =>
      (known ??= rows.map((row) => {
        const [head, type] = row.cells;
        const link = leads && head.querySelector("a");
        const target = link && by(link.getAttribute("href").slice(1));
        const org = head.lastElementChild.textContent;
        const words = `${head.firstChild.textContent} ${org} ${type.textContent} ${row.dataset.d ?? ""}`.toLowerCase();
        return { row, more: target?.parentElement, org, type: type.textContent, outcome: row.classList[0], words };
      }));

    const filter = () => {
      const [text, org, type, outcome] = fields.map((field) => field.value);
      const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const one of facts()) {
        const fits =
          (!org || one.org === org) &&
          (!type || one.type === type) &&
          (!outcome || one.outcome === outcome) &&
          wanted.every((word) => one.words.includes(word));
        shown += fits;
        one.row.hidden = !fits;
        if (one.more) one.more.hidden = !fits;
      }
      for (const lot of lots) {
        const left = Array.from(lot.children).filter((one) => !one.hidden).length;
        lot.hidden = !left;
        // What is not on the screen has no height of its own yet: this is about what it will have.
        lot.style.containIntrinsicHeight = `auto ${left * (lot.tagName === "TBODY" ? 1.75 : 2.2)}rem`;
      }
      count.textContent = shown === rows.length ? `${shown} services` : `${shown} of ${rows.length} services`;
    };

    let waiting;
    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 120);
    };
    form.hidden = rows.length < 2;
    form.addEventListener("input", soon);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(filter));
  };
  document.querySelectorAll(".filters").forEach(filtered);

  const copy = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      button.textContent = "Selected: press Ctrl+C";
    }
  };
  const offer = (within) => {
    for (const block of within.querySelectorAll("pre")) {
      if (block.nextElementSibling?.tagName === "BUTTON") continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.setAttribute("aria-live", "polite");
      button.addEventListener("click", () => copy(button, `${block.textContent}\n`));
      block.after(button);
    }
  };

  // A service's findings stand as links to texts that many services share: once it is opened, the text comes to it.
  const fill = (service) => {
    if (service.dataset.filled) return;
    service.dataset.filled = "yes";
    for (const link of service.querySelectorAll('li > a[href^="#f"]')) {
      const text = by(link.hash.slice(1)).cloneNode(true);
      text.removeAttribute("id");
      text.className = "text";
      for (const button of text.querySelectorAll("button")) button.remove();
      for (const own of text.querySelectorAll(".own")) own.replaceWith(service.dataset[own.classList[1]]);
      for (const paste of text.querySelectorAll(".paste")) paste.textContent = "To paste";
      link.parentElement.append(text);
      link.replaceWith(...link.childNodes);
    }
  };
  document.addEventListener(
    "toggle",
    (event) => {
      const opened = event.target;
      if (!opened.open) return;
      if (opened.matches(".service")) fill(opened);
      if (opened.matches(".service, .check")) offer(opened);
    },
    true,
  );

  const follow = () => {
    const target = location.hash && by(location.hash.slice(1));
    const around = target && target.closest("details");
    if (!around) return;
    around.hidden = around.parentElement.hidden = false;
    around.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();

  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
})();
