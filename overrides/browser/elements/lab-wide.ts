/**
 * `<lab-wide>`: a box that may be wider than the page, such as a table. While there is something to scroll, and only
 * then, the keyboard reaches it.
 *
 * Content, from the build: the box that scrolls.
 */

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});

/** Let the keyboard reach this box while it has something to scroll. */
export function reachable(box: Element): void {
  sizes.observe(box);
}

export class LabWide extends HTMLElement {
  connectedCallback(): void {
    if (this.firstElementChild !== null) reachable(this.firstElementChild);
  }

  disconnectedCallback(): void {
    if (this.firstElementChild !== null) sizes.unobserve(this.firstElementChild);
  }
}
