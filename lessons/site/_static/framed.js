// In a page that is shown in a frame: only the film; its height is told, and the theme is heard.
if (parent !== window) {
  document.documentElement.classList.add("framed");
  addEventListener("DOMContentLoaded", () => {
    const tell = () => parent.postMessage({ height: Math.ceil(document.body.getBoundingClientRect().height) }, "*");
    new ResizeObserver(tell).observe(document.body);
  });
  addEventListener("message", ({ source, data }) => {
    if (source === parent && typeof data?.dark === "boolean") {
      document.body.dataset.jpThemeLight = String(!data.dark);
      document.documentElement.style.colorScheme = data.dark ? "dark" : "light";
    }
  });
}
