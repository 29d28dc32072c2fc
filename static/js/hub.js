// Improves pages that are complete without it. Its words stand in data attributes.
(() => {
  const language = document.documentElement.lang;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const make = (tag, values) => Object.assign(document.createElement(tag), values);

  // Read out; a button that changes its own text is not, everywhere.
  const voice = make("div", { className: "visually-hidden" });
  voice.setAttribute("role", "status");
  document.body.append(voice);

  function once(selector) {
    const found = all(selector).filter((node) => !("done" in node.dataset));
    for (const node of found) node.dataset.done = "";
    return found;
  }

  // The reader's own time stands beside the event's, never instead of it.
  function addYourTime(time) {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const { zone, end } = time.dataset;
    const start = new Date(time.dateTime);
    const day = { weekday: "short", month: "short", day: "numeric" };
    const hour = { hour: "numeric", minute: "2-digit" };
    const format = (parts, timeZone) => new Intl.DateTimeFormat(language, { ...parts, timeZone });
    const differs = (parts) => format(parts, zone).format(start) !== format(parts, timeZone).format(start);
    if (!differs({ ...day, ...hour })) return;
    // Asked for hours alone, a range past midnight names its days in figures: "12/2/2026, 11:00 PM – ...".
    const ownDay = format(day, timeZone);
    const days = differs(day) || (end && ownDay.format(start) !== ownDay.format(new Date(end)));
    const yours = format({ ...(days && day), ...hour, timeZoneName: "short" }, timeZone);
    const text = end ? yours.formatRange(start, new Date(end)) : yours.format(start);
    const textContent = document.body.dataset.yourTime.replace("{time}", text);
    time.after(make("span", { className: "your-time", textContent }));
  }

  async function copy(button) {
    const input = document.getElementById(button.dataset.copy);
    input.select();
    try {
      await navigator.clipboard.writeText(input.value);
    } catch {
      if (!document.execCommand("copy")) return; // the text stays selected
    }
    button.dataset.text ??= button.textContent;
    button.textContent = voice.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = button.dataset.text), 3000);
  }

  function attempt(step, node) {
    try {
      step(node);
    } catch {
      // A time zone this browser doesn't know: the page works without.
    }
  }

  function improve() {
    for (const time of once("time[data-zone]")) attempt(addYourTime, time);
    for (const node of all("[data-copy]")) node.hidden = false;
    for (const node of all("[data-share]")) node.hidden = !navigator.share;
    for (const summary of once("[data-error-summary]")) summary.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const data = button ? button.dataset : {};
    if ("copy" in data) copy(button);
    else if ("share" in data) navigator.share({ title: data.title, url: data.share }).catch(() => {});
  });
  document.addEventListener("htmx:afterSettle", improve);
  improve();
})();
