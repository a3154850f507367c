// Each frame is as high as its film, and as light or dark as the page; what scrolls can be reached by keyboard.
{
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => {
    const chosen = document.body.dataset.theme;
    return chosen === "dark" || (chosen !== "light" && system.matches);
  };
  const frames = () => [...document.querySelectorAll("iframe.film")];
  const paint = (frame) => frame.contentWindow?.postMessage({ dark: isDark() }, "*");
  addEventListener("message", ({ source, data }) => {
    const frame = frames().find((one) => one.contentWindow === source);
    if (frame && data?.height > 0) {
      frame.style.height = `${data.height}px`;
      paint(frame);
    }
  });
  addEventListener("DOMContentLoaded", () => {
    for (const one of document.querySelectorAll("pre, .table-wrapper"))
      if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
    new MutationObserver(() => frames().forEach(paint)).observe(document.body, { attributeFilter: ["data-theme"] });
  });
  system.addEventListener("change", () => frames().forEach(paint));
}
