// What a page looks like, measured in the page itself: what playwright's evaluate() is given. Returns a list of faults.
(() => {
  const faults = [];
  const seen = (one) => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(one).visibility !== "hidden" && !one.closest("[hidden]");
  };
  const says = (one) => `${one.tagName.toLowerCase()} ${(one.innerText || one.name || one.id || "").slice(0, 30)}`;

  // 1.4.3 and 1.4.11: every text against the first background below it, every field's edge against what is around it.
  const parts = (colour) => {
    const found = colour.match(/[\d.]+/g).map(Number);
    return { rgb: found.slice(0, 3), alpha: found.length > 3 ? found[3] : 1 };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const { rgb, alpha } = parts(getComputedStyle(at).backgroundColor);
      if (alpha === 1) {
        return rgb;
      }
      if (alpha !== 0) {
        faults.push(`a translucent background: ${says(at)}`);
      }
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && seen(one) && one.tagName !== "NOSCRIPT") {
      const ratio = contrast(parts(getComputedStyle(one).color).rgb, ground(one));
      if (ratio < 4.5) {
        faults.push(`1.4.3: contrast ${ratio.toFixed(2)} of ${says(one)}`);
      }
    }
  }
  for (const one of document.querySelectorAll("input:not([type=hidden]):not([type=radio]):not([type=checkbox])")) {
    const style = getComputedStyle(one);
    if (seen(one) && contrast(parts(style.borderTopColor).rgb, ground(one.parentElement)) < 3) {
      faults.push(`1.4.11: the edge of ${says(one)}`);
    }
    if (seen(one) && contrast(parts(style.color).rgb, ground(one)) < 4.5) {
      faults.push(`1.4.3: what is typed into ${says(one)}`);
    }
  }

  // 2.5.8: at least 24 by 24 pixels, whatever stands around it.
  for (const one of document.querySelectorAll("a, button, input:not([type=hidden]), summary")) {
    const box = one.getBoundingClientRect();
    if (seen(one) && !one.matches(".skip") && (box.width < 24 || box.height < 24)) {
      faults.push(`2.5.8: ${says(one)} is ${box.width.toFixed(0)} by ${box.height.toFixed(0)} pixels`);
    }
  }

  // 1.4.10 and 1.4.12: nothing to scroll sideways for and nothing cut off, also where somebody spaces the text out.
  const root = document.documentElement;
  const narrow = (criterion) => {
    if (root.scrollWidth > innerWidth) {
      faults.push(`${criterion}: ${root.scrollWidth} pixels wide in ${innerWidth}`);
    }
    for (const one of document.querySelectorAll("main *")) {
      if (seen(one) && one.getBoundingClientRect().right > innerWidth + 0.5) {
        faults.push(`${criterion}: ${says(one)} goes over the edge`);
      }
      const hides = getComputedStyle(one).overflowY !== "visible" && !one.matches("input, .unseen");
      if (seen(one) && hides && one.scrollHeight > one.clientHeight + 1) {
        faults.push(`${criterion}: ${says(one)} is cut off`);
      }
    }
  };
  narrow("1.4.10");
  root.style.cssText = "letter-spacing: 0.12em; word-spacing: 0.16em; line-height: 1.5";
  narrow("1.4.12");
  root.style.cssText = "";
  return faults;
})();
