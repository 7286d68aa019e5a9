/** A page's globals in Node, from jsdom; import it before anything that looks for a browser. */

import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: false, url: "http://localhost/" });

// jsdom lays nothing out; ProseMirror asks for boxes when it scrolls.
const box = { left: 0, right: 0, top: 0, bottom: 0, width: 0, height: 0, x: 0, y: 0, toJSON: () => ({}) };
Object.assign(window.Range.prototype, { getClientRects: () => [box], getBoundingClientRect: () => box });
Object.assign(window.Element.prototype, { getClientRects: () => [box] });
Object.assign(window.document, { elementFromPoint: () => null });

const NAMES = ["document", "navigator", "Node", "Element", "HTMLElement", "Text", "Range", "MutationObserver", "NodeFilter", "Event", "KeyboardEvent", "InputEvent", "getComputedStyle", "getSelection", "DOMParser"];
for (const name of NAMES) {
  Object.defineProperty(globalThis, name, { value: window[name as keyof typeof window], configurable: true, writable: true });
}
Object.defineProperty(globalThis, "window", { value: window, configurable: true });

let state = 1;

/** From now on what is minted here is drawn from this seed. */
export function seedIds(seed: number): void {
  state = seed >>> 0 || 1;
}

const { subtle } = globalThis.crypto;
Object.defineProperty(globalThis, "crypto", {
  configurable: true,
  value: {
    subtle,
    getRandomValues: (bytes: Uint8Array): Uint8Array => {
      for (let at = 0; at < bytes.length; at++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        bytes[at] = state >>> 24;
      }
      return bytes;
    },
  },
});
