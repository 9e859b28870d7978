// How far colours stand apart, by the formula of WCAG 2.2; loaded by the tests, not by the page.
(() => {
  const rgba = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return parts.length === 4 ? parts : [...parts.slice(0, 3), 1];
  };
  const over = (top, below) => top.slice(0, 3).map((part, i) => part * top[3] + below[i] * (1 - top[3]));
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  // of a colour of `element` (fill, borderColor, color) with what lies behind `ground`
  window.contrastOf = (element, colour, ground = element.parentElement) => {
    const below = behind(ground);
    const [lighter, darker] = [luminance(over(rgba(getComputedStyle(element)[colour]), below)), luminance(below)]
      .sort((a, b) => b - a);
    return (lighter + 0.05) / (darker + 0.05);
  };
})();
