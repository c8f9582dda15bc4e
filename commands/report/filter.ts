/** Filters the projects of the page. Without it everything is there to read; it only hides what nobody asked for. */
export const FILTER = `
(() => {
  const at = (id) => document.getElementById(id);
  const text = at("filter-text"), found = at("filter-found"), told = at("filter-count");
  const projects = [...document.querySelectorAll("details.project")].map((row) => ({ row, words: row.textContent.toLowerCase() }));
  const groups = [...document.querySelectorAll(".group")];
  const filter = () => {
    const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const project of projects) {
      const fits = words.every((word) => project.words.includes(word)) && (!found.checked || "found" in project.row.dataset);
      project.row.hidden = !fits;
      if (fits) shown += 1;
    }
    for (const group of groups) group.hidden = !group.querySelector("details.project:not([hidden])");
    told.textContent = shown + " of " + projects.length + " projects";
  };
  const openAll = (open) => { for (const { row } of projects) if (!row.hidden) row.open = open; };
  text.addEventListener("input", filter);
  found.addEventListener("change", filter);
  at("open-all").addEventListener("click", () => openAll(true));
  at("close-all").addEventListener("click", () => openAll(false));
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open], .folded)")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
  at("filter").hidden = projects.length < 2;
  filter();
})();
`;
