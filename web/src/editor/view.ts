/**
 * The editor on the page: `mountEditor` puts a session's text into an element and gives back what the page may do with it.
 *
 * The page knows the editor by `EditorHandle` alone; the editor knows the session by `EditorSession` alone.
 */

import { keymap } from "prosemirror-keymap";
import type { Command, Transaction } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import type * as Y from "yjs";
import type { AmendmentId, ParagraphId } from "../model/marks";
import type { RecordView } from "../model/record";
import "../styles/editor-marks.css";
import { annotations, RECORD_CHANGED, recordChanges, type RecordChanges } from "./annotations";
import type { Authority } from "./authority";
import { followSelection, inputHandlers, pasteLines } from "./input";
import { MarkPainter } from "./mark_painter";
import { looksOf, type Naming } from "./naming";
import { bracketsIn, changesIn, goOn, goTo, paragraphAt, placeOf, type Stop, type Visit } from "./navigation";
import { PEERS, peerCarets, type PeerPlace } from "./peer_carets";
import { attrsOf, markIds } from "./schema";
import { TextEditor } from "./text_editor";
import type { Hint } from "./typing";

/** What the editor needs of a session (`sync/session.ts` has it). */
export interface EditorSession extends Authority {
  readonly doc: Y.Doc;
  readonly record: RecordView;
  readonly party: string;
  readonly present: readonly PeerPlace[];
  on(name: "document", listener: (doc: Y.Doc) => void): () => void;
  on(name: "record" | "access" | "presence", listener: () => void): () => void;
  setCaret(paragraph: ParagraphId, offset: number): void;
  hold(): () => void;
}

export interface EditorOptions extends Naming {
  /** What a screen reader calls the text: "Draft Opinion 1, revision marks". */
  readonly label: string;
  readonly tell?: (hint: Hint) => void;
  /** The caret or the selection moved, or the words under it changed. */
  readonly moved?: (caret: Caret | null) => void;
  /** F8, F9: what was gone to. */
  readonly visited?: (visit: Visit) => void;
  /** F2; without it the key is left to the page. */
  readonly asked?: (caret: Caret) => void;
}

/** Where the caret is; offsets in UTF-16 units of the paragraph. */
export interface Caret {
  readonly paragraph: ParagraphId;
  readonly from: number;
  readonly to: number;
  /** The words selected; empty for a caret. */
  readonly words: string;
  /** Amendments with a mark on the character at the caret, innermost first. */
  readonly amendments: readonly AmendmentId[];
  readonly origins: readonly AmendmentId[];
}

export interface EditorHandle {
  /** The element that holds the text; marks in it carry `data-insertion`, `data-deletion`, `data-bracket`, `data-origin`. */
  readonly element: HTMLElement;
  readonly caret: Caret | null;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  focus(): void;
  undo(): void;
  redo(): void;
  /** Makes the words of one amendment stand out; null for none. */
  highlight(id: AmendmentId | null): void;
  /** Brings an amendment's first words into sight, with the caret. False when it has none in the text. */
  reveal(id: AmendmentId): boolean;
  revealParagraph(id: ParagraphId): boolean;
  bracketSelection(): void;
  addParagraph(): void;
  insertText(text: string): void;
  nextChange(direction: 1 | -1): void;
  nextBracket(direction: 1 | -1): void;
  destroy(): void;
}

export function mountEditor(element: HTMLElement, session: EditorSession, options: EditorOptions): EditorHandle {
  return new MountedEditor(element, session, options);
}

/** In how many frames paragraphs that came into sight have taken their true height, each pushing in others. */
const SETTLING_FRAMES = 6;

class MountedEditor implements EditorHandle {
  private readonly session: EditorSession;
  private readonly options: EditorOptions;
  private readonly editor: TextEditor;
  private readonly painter: MarkPainter;
  private readonly view: EditorView;
  private readonly standings = new Map<AmendmentId, string>();
  private readonly leave: (() => void)[];
  private leaving = false;
  private told: string | null = null;
  private record: RecordView;
  private party: string;

  constructor(element: HTMLElement, session: EditorSession, options: EditorOptions) {
    this.session = session;
    this.options = options;
    this.record = session.record;
    this.party = session.party;
    this.painter = new MarkPainter((id) => looksOf(id, session, options).classes);
    this.editor = new TextEditor(session.doc, session, {
      plugins: [this.keys(), annotations(session, options), peerCarets(options)],
      ...(options.tell && { tell: options.tell }),
    });
    this.view = this.draw(element);
    this.editor.draw = (state) => {
      this.view.updateState(state);
      this.moved();
    };
    this.editor.look = () => followSelection(this.view, this.editor);
    this.leave = [
      session.on("document", (doc) => this.editor.follow(doc)),
      session.on("record", () => this.recordChanged()),
      session.on("access", () => this.accessChanged()),
      session.on("presence", () => this.annotate(PEERS, session.present)),
    ];
    this.noteStandings();
  }

  get element(): HTMLElement {
    return this.view.dom;
  }

  get canUndo(): boolean {
    return this.editor.canUndo;
  }

  get canRedo(): boolean {
    return this.editor.canRedo;
  }

  get caret(): Caret | null {
    const { $from, $to, $head, from, to, empty } = this.editor.state.selection;
    if ($from.depth === 0) return null;
    const inside = $from.sameParent($to) ? $to.parentOffset : $from.parent.content.size;
    const { node: after } = $head.parent.childAfter($head.parentOffset);
    const { node: before } = $head.parent.childBefore($head.parentOffset);
    const near = [after, before].find((node) => node?.marks.some((mark) => mark.attrs["id"] !== undefined)) ?? null;
    const ids = (kind: "insertion" | "deletion" | "bracket" | "origin") => (near ? markIds(near, kind) : []);
    return {
      paragraph: attrsOf($from.parent).id,
      from: $from.parentOffset,
      to: inside,
      words: empty ? "" : this.editor.state.doc.textBetween(from, to, "\n"),
      amendments: [...new Set([...ids("deletion"), ...ids("insertion"), ...ids("bracket")])],
      origins: ids("origin"),
    };
  }

  focus(): void {
    this.view.focus();
  }

  undo(): void {
    this.editor.undo();
  }

  redo(): void {
    this.editor.redo();
  }

  highlight(id: AmendmentId | null): void {
    this.painter.light(id);
  }

  reveal(id: AmendmentId): boolean {
    return this.goTo(placeOf(this.editor.state.doc, this.session.record, id));
  }

  revealParagraph(id: ParagraphId): boolean {
    return this.goTo(paragraphAt(this.editor.state.doc, id));
  }

  bracketSelection(): void {
    this.editor.run(this.editor.typing.bracket());
    this.focus();
  }

  addParagraph(): void {
    this.editor.run(this.editor.typing.addParagraph());
    this.focus();
  }

  insertText(text: string): void {
    pasteLines(this.editor, text);
  }

  nextChange(direction: 1 | -1): void {
    this.visit("change", changesIn(this.editor.state.doc, this.session.record), direction);
  }

  nextBracket(direction: 1 | -1): void {
    this.visit("bracket", bracketsIn(this.editor.state.doc), direction);
  }

  destroy(): void {
    for (const stop of this.leave) stop();
    this.editor.destroy();
    this.view.destroy();
  }

  // -- the page

  private draw(element: HTMLElement): EditorView {
    return new EditorView(element, {
      state: this.editor.state,
      dispatchTransaction: (transaction) => {
        // What is not taken is put back: the page may already show it.
        if (!this.editor.dispatch(transaction) && transaction.docChanged) this.view.updateState(this.editor.state);
      },
      editable: () => this.session.mayType,
      markViews: this.painter.markViews,
      attributes: () => ({
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": this.options.label,
        "aria-readonly": String(!this.session.mayType),
        tabindex: "0",
        spellcheck: "true",
      }),
      handleTextInput: (view, from, to, text) => {
        // A composition goes on in the page; what came of it arrives as a transaction.
        if (view.composing) return false;
        const { selection } = this.editor.state;
        const typed = selection.from === from && selection.to === to;
        return this.editor.run(typed ? this.editor.typing.text(text) : this.editor.typing.over(from, to, text));
      },
      handleDOMEvents: {
        ...inputHandlers({ editor: this.editor, authority: this.session, hold: () => this.session.hold() }),
        focus: () => {
          this.leaving = false;
          return false;
        },
        keyup: (_, { key }) => {
          if (!["Escape", "Tab", "Shift"].includes(key)) this.leaving = false;
          if (["Home", "End", "PageUp", "PageDown"].includes(key)) this.stayInSight();
          return false;
        },
      },
    });
  }

  private keys() {
    const typing = (make: (editor: TextEditor) => Command): Command => (state, dispatch) => make(this.editor)(state, dispatch);
    const act = (act: () => unknown): Command => () => {
      act();
      return true;
    };
    const erase = (direction: "backward" | "forward", unit: "character" | "word" | "paragraph" = "character") =>
      typing((editor) => editor.typing.erase(direction, unit));
    const { asked } = this.options;
    return keymap({
      Enter: typing((editor) => editor.typing.addParagraph()),
      "Shift-Enter": typing((editor) => editor.typing.lineBreak()),
      Backspace: erase("backward"),
      "Shift-Backspace": erase("backward"),
      Delete: erase("forward"),
      "Mod-Backspace": erase("backward", isMac ? "paragraph" : "word"),
      "Alt-Backspace": erase("backward", "word"),
      "Mod-Delete": erase("forward", "word"),
      "Alt-Delete": erase("forward", "word"),
      "Mod-z": act(() => this.undo()),
      "Shift-Mod-z": act(() => this.redo()),
      "Mod-y": act(() => this.redo()),
      Tab: (state, dispatch) => !this.leaving && this.editor.typing.indent(1)(state, dispatch),
      "Shift-Tab": (state, dispatch) => !this.leaving && this.editor.typing.indent(-1)(state, dispatch),
      // After Escape the next Tab leaves the text, wherever the caret is (WCAG 2.1.2).
      Escape: () => {
        this.leaving = true;
        return false;
      },
      F8: act(() => this.nextChange(1)),
      "Shift-F8": act(() => this.nextChange(-1)),
      F9: act(() => this.nextBracket(1)),
      "Shift-F9": act(() => this.nextBracket(-1)),
      ...(asked && { F2: act(() => this.caret && asked(this.caret)) }),
      "Mod-b": act(() => {}),
      "Mod-i": act(() => {}),
      "Mod-u": act(() => {}),
    });
  }

  private visit(kind: Visit["kind"], stops: readonly Stop[], direction: 1 | -1): void {
    const found = goOn(this.editor.state, stops, direction);
    if (!found) return;
    this.arriveWith(found.transaction);
    this.options.visited?.({ ...found.stop, kind, number: found.number, of: stops.length });
  }

  private goTo(pos: number | null): boolean {
    if (pos === null) return false;
    this.arriveWith(goTo(this.editor.state, pos));
    return true;
  }

  /** What was out of sight has its true height only once it is drawn, and may push the place away again (editor-text.css). */
  private arriveWith(transaction: Transaction): void {
    this.editor.dispatch(transaction);
    this.focus();
    this.stayInSight();
  }

  private stayInSight(frames = SETTLING_FRAMES): void {
    this.editor.look();
    const { selection } = this.editor.state;
    requestAnimationFrame(() => {
      if (this.view.isDestroyed || !this.editor.state.selection.eq(selection)) return;
      this.editor.dispatch(this.editor.state.tr.scrollIntoView());
      if (frames > 1) this.stayInSight(frames - 1);
    });
  }

  private moved(): void {
    const { $head } = this.editor.state.selection;
    if ($head.depth > 0 && this.view.hasFocus()) this.session.setCaret(attrsOf($head.parent).id, $head.parentOffset);
    if (!this.options.moved) return;
    const { caret } = this;
    const spelling = JSON.stringify(caret);
    if (spelling === this.told) return;
    this.told = spelling;
    this.options.moved(caret);
  }

  // -- the record

  private recordChanged(): void {
    const { record } = this.session;
    const before = this.record;
    this.record = record;
    if (before.opinion !== record.opinion) this.view.setProps({});
    this.redraw(recordChanges(before, record));
  }

  /** Another party, another right to type: what looks like one's own may be somebody else's now. */
  private accessChanged(): void {
    this.view.setProps({});
    if (this.party === this.session.party) return;
    this.party = this.session.party;
    const { amendments, paragraphs } = this.session.record;
    this.redraw({ amendments: new Set([...amendments.keys(), ...this.standings.keys()]), paragraphs: new Set(paragraphs.keys()) });
  }

  private redraw(changes: RecordChanges): void {
    if (this.noteStandings()) this.editor.forget();
    if (changes.amendments.size + changes.paragraphs.size === 0) return;
    this.painter.repaint(changes.amendments);
    this.annotate(RECORD_CHANGED, changes);
  }

  /** Draws anew what stands around the text. */
  private annotate(meta: string, value: unknown): void {
    this.editor.look();
    this.editor.dispatch(this.editor.state.tr.setMeta(meta, value));
  }

  /** Whether an amendment that one could type in has been submitted, pinned or decided: what was typed there is not to be undone. */
  private noteStandings(): boolean {
    let lost = false;
    const { session } = this;
    const known = new Set([...this.standings.keys(), ...session.record.amendments.keys()]);
    for (const id of known) {
      const now = session.standing(id);
      lost ||= this.standings.get(id) === "editable" && now !== "editable";
      this.standings.set(id, now);
    }
    return lost;
  }
}

const isMac = typeof navigator !== "undefined" && /Mac|iP(hone|ad|od)/.test(navigator.platform);
