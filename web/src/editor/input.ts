/**
 * What browsers send when somebody types, erases, pastes, drops or composes.
 *
 * `beforeinput` says what is meant, whatever key or device it came from (`[` needs AltGr on many keyboards and is on no key of others);
 * so typing is taken from there and never from key codes. Compositions run their course in the page: the text is held still
 * meanwhile, and what came of them is made a proposal as it comes.
 */

import type { Command } from "prosemirror-state";
import { TextSelection } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import { linesOf } from "../model/characters";
import { plainText } from "./clipboard";
import { touchedAmendment } from "./proposal";
import { markFor } from "./schema";
import type { TextEditor } from "./text_editor";
import type { Authority } from "./authority";

/** Lines of a paste that become one change; more of them follow as further changes. */
const LINES_AT_ONCE = 40;
/** How long after a composition its last changes may still come in. */
const AFTERWARDS_MS = 60;
/** A composition that stands still so long is given up waiting for. */
const LONGEST_HOLD_MS = 5_000;

type Handlers = NonNullable<EditorView["props"]["handleDOMEvents"]>;

export interface InputSetting {
  readonly editor: TextEditor;
  readonly authority: Authority;
  /** Keeps the shared text from changing; the function returned lets it go on. */
  hold(): () => void;
}

export function inputHandlers(setting: InputSetting): Handlers {
  const { editor } = setting;
  const composition = new Composition(setting);
  return {
    keydown: (view) => {
      followSelection(view, editor);
      return false;
    },
    beforeinput: (view, event) => {
      followSelection(view, editor);
      const command = commandFor(view, event, editor);
      if (!command) return false;
      event.preventDefault();
      editor.run(command);
      return true;
    },
    paste: (view, event) => {
      followSelection(view, editor);
      event.preventDefault();
      pasteLines(editor, event.clipboardData?.getData("text/plain") ?? "");
      return true;
    },
    copy: (view, event) => {
      followSelection(view, editor);
      return copied(view, event);
    },
    cut: (view, event) => {
      followSelection(view, editor);
      if (!copied(view, event)) return false;
      editor.run(editor.typing.erase("backward"));
      return true;
    },
    // Dragging moves nothing: words are copied, as a proposal where they are dropped.
    drop: (view, event) => {
      event.preventDefault();
      const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
      const text = event.dataTransfer?.getData("text/plain") ?? "";
      if (!place || text === "") return true;
      const { tr, doc } = editor.state;
      editor.dispatch(tr.setSelection(TextSelection.near(doc.resolve(place.pos))));
      pasteLines(editor, text);
      return true;
    },
    dragstart: (view, event) => {
      const { from, to } = view.state.selection;
      event.dataTransfer?.setData("text/plain", plainText(view.state.doc, from, to));
      return true;
    },
    compositionstart: () => composition.begin(),
    compositionupdate: () => composition.goOn(),
    compositionend: () => composition.end(),
    blur: () => composition.end(),
  };
}

/**
 * Browsers tell of a moved selection a moment later than they move it; on a busy machine the next key, or others' words, can come
 * before that. So the selection is read before anything is done with it, and before anything is drawn that would put it back.
 */
export function followSelection(view: EditorView, editor: TextEditor): void {
  const { ownerDocument } = view.dom;
  const selection = view.root === ownerDocument ? ownerDocument.getSelection() : null;
  const { anchorNode, focusNode } = selection ?? {};
  if (view.composing || !selection || !anchorNode || !focusNode) return;
  if (!view.hasFocus() || !view.dom.contains(anchorNode) || !view.dom.contains(focusNode)) return;
  const anchor = view.posAtDOM(anchorNode, selection.anchorOffset, -1);
  const head = view.posAtDOM(focusNode, selection.focusOffset, -1);
  const { tr, doc, selection: known } = editor.state;
  if (known.anchor === anchor && known.head === head) return;
  const [$anchor, $head] = [doc.resolve(anchor), doc.resolve(head)];
  if ($anchor.depth > 0 && $head.depth > 0) editor.dispatch(tr.setSelection(TextSelection.between($anchor, $head)));
}

/** The command an input event means; null when the browser should go on by itself. */
function commandFor(view: EditorView, event: InputEvent, editor: TextEditor): Command | null {
  const { typing } = editor;
  if (event.isComposing || view.composing) return null;
  switch (event.inputType) {
    case "insertText":
      return event.data === null ? null : typing.text(event.data);
    case "insertReplacementText":
    case "insertFromYank": {
      const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? null;
      const range = targetOf(view, event);
      return text === null || !range ? null : typing.over(range.from, range.to, text);
    }
    case "insertParagraph":
      return typing.addParagraph();
    case "insertLineBreak":
      return typing.lineBreak();
    case "deleteContentBackward":
    case "deleteContentForward":
    case "deleteByCut":
    case "deleteByDrag":
    case "deleteContent":
    case "deleteWordBackward":
    case "deleteWordForward":
    case "deleteSoftLineBackward":
    case "deleteSoftLineForward":
    case "deleteHardLineBackward":
    case "deleteHardLineForward":
      return erasing(view, event, typing);
    case "historyUndo":
      return () => editor.undo();
    case "historyRedo":
      return () => editor.redo();
    default:
      return event.inputType.startsWith("format") ? () => true : null;
  }
}

function erasing(view: EditorView, event: InputEvent, typing: TextEditor["typing"]): Command {
  const direction = event.inputType.endsWith("Forward") ? "forward" : "backward";
  const range = targetOf(view, event);
  const byUnit = event.inputType.includes("Word") || event.inputType.includes("Line");
  if (byUnit && range && range.from < range.to) return typing.strike(range.from, range.to, direction);
  return typing.erase(direction);
}

/** The range an input event is about; null when the browser does not say. */
function targetOf(view: EditorView, event: InputEvent): { from: number; to: number } | null {
  const [range] = event.getTargetRanges?.() ?? [];
  if (!range) return null;
  const from = view.posAtDOM(range.startContainer, range.startOffset, 1);
  const to = view.posAtDOM(range.endContainer, range.endOffset, -1);
  return { from: Math.min(from, to), to: Math.max(from, to) };
}

/** Pastes text; a long one as several changes, one after the other. */
export function pasteLines(editor: TextEditor, text: string): void {
  const lines = linesOf(text);
  for (let start = 0; start < Math.max(lines.length, 1); start += LINES_AT_ONCE) {
    editor.run(editor.typing.paste(lines.slice(start, start + LINES_AT_ONCE).join("\n"), start > 0));
  }
}

function copied(view: EditorView, event: ClipboardEvent): boolean {
  const { from, to, empty } = view.state.selection;
  if (empty || !event.clipboardData) return false;
  event.preventDefault();
  event.clipboardData.setData("text/plain", plainText(view.state.doc, from, to));
  return true;
}

/** Holds the text still while an input method composes (guide: ux 3.4). */
class Composition {
  private readonly setting: InputSetting;
  private letGo: (() => void) | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(setting: InputSetting) {
    this.setting = setting;
  }

  begin(): boolean {
    const { editor, authority, hold } = this.setting;
    if (!authority.mayType) return false;
    this.release();
    const { selection } = editor.state;
    // The browser would take the selected words out by itself; they are struck first. The caret stays where they begin: Chromium
    // counts from there where the composition goes on, and loses it when the caret is elsewhere.
    if (!selection.empty) editor.run(editor.typing.strike(selection.from, selection.to, "backward"));
    const { $from } = editor.state.selection;
    if ($from.depth === 0) return false;
    const id = touchedAmendment($from.parent, $from.parentOffset, $from.parentOffset, authority) ?? authority.mint();
    // With its mark set beforehand the composition goes on in one element from its first letter.
    editor.dispatch(editor.state.tr.setStoredMarks([markFor("insertion", id)]));
    editor.hold();
    this.letGo = hold();
    this.wait(LONGEST_HOLD_MS);
    return false;
  }

  goOn(): boolean {
    if (this.letGo) this.wait(LONGEST_HOLD_MS);
    return false;
  }

  end(): boolean {
    if (this.letGo) this.wait(AFTERWARDS_MS);
    return false;
  }

  private wait(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release(), milliseconds);
  }

  private release(): void {
    clearTimeout(this.timer);
    const { letGo } = this;
    this.letGo = null;
    if (!letGo) return;
    this.setting.editor.release();
    letGo();
  }
}
