/* Installed in every page of the browser tests: where words are in the text on the screen, and what is on them.
 * Signs drawn into the text (codes, brackets, carets of others) are no text: they are not editable. */
globalThis.stage = (() => {
  const KINDS = ["insertion", "deletion", "bracket", "origin"];
  const within = () => document.querySelector(".live-text [role=textbox]");
  const paragraphOf = (id) => within()?.querySelector(`p[data-id="${CSS.escape(id)}"]`) ?? null;

  /** The text nodes of a paragraph, drawn signs left out. */
  function pieces(paragraph) {
    // The whole text is not editable to a chair; a sign is not editable within the paragraph.
    const isSign = (node) => {
      const fixed = node.parentElement.closest("[contenteditable=false]");
      return fixed !== null && fixed !== paragraph && paragraph.contains(fixed);
    };
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT, (node) =>
      isSign(node) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    );
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    return found;
  }
  const text = (id) => {
    const paragraph = paragraphOf(id);
    return paragraph ? pieces(paragraph).map((node) => node.data).join("") : null;
  };

  /** The node and offset of a place in the text of a paragraph; at a seam, the end of the piece before it. */
  function point(id, offset) {
    const paragraph = paragraphOf(id);
    let left = offset;
    for (const node of pieces(paragraph)) {
      if (left <= node.length) return [node, left];
      left -= node.length;
    }
    return [paragraph, paragraph.childNodes.length];
  }

  /** Selects words, or puts the caret behind them; comes back when the page has been told. False when they are not there. */
  async function select(id, words, wholly) {
    within().focus();
    const from = text(id)?.indexOf(words) ?? -1;
    if (from < 0) return false;
    const to = from + words.length;
    const told = new Promise((resolve) => {
      document.addEventListener("selectionchange", () => resolve(), { once: true });
      setTimeout(resolve, 200); // nothing is told when the selection was there already
    });
    const [anchor, start] = point(id, wholly ? from : to);
    const [head, end] = point(id, to);
    getSelection().setBaseAndExtent(anchor, start, head, end);
    await told;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return true;
  }

  /** The paragraph's text in pieces, with the ids of the marks on each. */
  function runs(id) {
    const paragraph = paragraphOf(id);
    if (!paragraph) return [];
    const found = [];
    for (const node of pieces(paragraph)) {
      const run = { text: node.data, insertion: [], deletion: [], bracket: [], origin: [] };
      for (let at = node.parentElement; at && at !== paragraph; at = at.parentElement) {
        for (const kind of KINDS) if (at.dataset[kind]) run[kind].push(at.dataset[kind]);
      }
      for (const kind of KINDS) run[kind].sort();
      const last = found.at(-1);
      // A sign drawn between two letters parts the nodes, not the words.
      if (last && KINDS.every((kind) => last[kind].join() === run[kind].join())) last.text += run.text;
      else found.push(run);
    }
    return found;
  }

  /** How far the caret is from the beginning of its paragraph, and in which. */
  function caret() {
    const { focusNode, focusOffset } = getSelection();
    const paragraph = (focusNode?.nodeType === Node.TEXT_NODE ? focusNode.parentElement : focusNode)?.closest?.("p[data-id]");
    if (!paragraph) return null;
    const range = document.createRange();
    range.setStart(paragraph, 0);
    range.setEnd(focusNode, focusOffset);
    const end = range.endContainer;
    let offset = 0;
    for (const node of pieces(paragraph)) {
      if (node === end) return [paragraph.dataset.id, offset + focusOffset];
      if (!range.intersectsNode(node)) break;
      offset += node.length;
    }
    return [paragraph.dataset.id, offset];
  }

  return { text, select, runs, caret, all: () => [...(within()?.querySelectorAll("p[data-id]") ?? [])].map((p) => [p.dataset.id, text(p.dataset.id)]) };
})();
