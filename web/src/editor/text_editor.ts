/**
 * One person's editor of one text: state, binding, undo. It needs no page: `view.ts` puts it on one, tests and tools do without.
 *
 * The way of one change, in this order: made a proposal -> filtered -> written to the shared text -> shown. What cannot be
 * written is not shown.
 */

import { EditorState, type Command, type Plugin, type Transaction } from "prosemirror-state";
import type * as Y from "yjs";
import type { Authority } from "./authority";
import { Binding, SHOWN, UnwritableChange, type Screen } from "./binding";
import { PROPOSED } from "./proposal";
import { schema } from "./schema";
import { proposalOf, proposalsOnly } from "./suggest";
import { Typing, type Hint } from "./typing";
import { OwnUndo } from "./undo";
import { wholeCharacters } from "./whole_characters";

export interface TextEditorOptions {
  readonly plugins?: readonly Plugin[];
  /** Draws a state; called after every change. */
  readonly draw?: (state: EditorState) => void;
  readonly tell?: (hint: Hint) => void;
}

export class TextEditor implements Screen {
  state: EditorState;
  readonly typing: Typing;
  private readonly authority: Authority;
  private readonly binding: Binding;
  private readonly tell: (hint: Hint) => void;
  draw: (state: EditorState) => void;
  /** Reads the selection from the page; whoever draws the states sets it. */
  look: () => void = () => {};
  private history: OwnUndo;

  constructor(doc: Y.Doc, authority: Authority, options: TextEditorOptions = {}) {
    this.authority = authority;
    this.tell = options.tell ?? (() => {});
    this.draw = options.draw ?? (() => {});
    this.typing = new Typing(authority, this.tell);
    this.state = EditorState.create({
      schema,
      doc: Binding.documentOf(doc),
      plugins: [...(options.plugins ?? []), proposalsOnly(authority), wholeCharacters()],
    });
    // Undo takes back one update at a time: what was too large to be sent at once is too large to be put back at once.
    this.binding = new Binding(doc, this, authority, () => this.history.pause());
    this.history = new OwnUndo(doc, this.binding, authority);
  }

  /** Takes a transaction from a person. False when nothing of it was taken. */
  dispatch(transaction: Transaction): boolean {
    const proposal = this.asProposal(transaction);
    if (!proposal) return false;
    const { state, transactions } = this.state.applyTransaction(proposal);
    if (transactions.length === 0) return false;
    const shown = !proposal.docChanged || proposal.getMeta(SHOWN) === true;
    if (!shown && !this.written(() => this.binding.write(this.state.doc, state.doc, state.selection.head))) return false;
    // Going elsewhere ends what one Undo takes back, as in every editor.
    if (!proposal.docChanged && proposal.selectionSet) this.history.pause();
    this.state = state;
    this.draw(state);
    return true;
  }

  /** Runs a command; true when it applied. */
  run(command: Command): boolean {
    return command(this.state, (transaction) => this.dispatch(transaction));
  }

  /** Shows a transaction that says what the shared text already holds. */
  show(transaction: Transaction): void {
    this.state = this.state.apply(transaction);
    this.draw(this.state);
  }

  /** Goes over to another document, after a resync or a change of scope. */
  follow(doc: Y.Doc): void {
    this.history.destroy();
    this.binding.follow(doc);
    this.history = new OwnUndo(doc, this.binding, this.authority);
  }

  /** Keeps what is typed from the shared text until `release` (an input method is composing). */
  hold(): void {
    this.binding.hold();
  }

  release(): void {
    this.written(() => this.binding.release());
  }

  undo(): boolean {
    return this.authority.mayType && !this.binding.held && this.history.undo();
  }

  redo(): boolean {
    return this.authority.mayType && !this.binding.held && this.history.redo();
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  /** Forgets what could be undone. */
  forget(): void {
    this.history.clear();
  }

  destroy(): void {
    this.history.destroy();
    this.binding.destroy();
  }

  private written(write: () => void): boolean {
    try {
      write();
      return true;
    } catch (error) {
      if (!(error instanceof UnwritableChange)) throw error;
      this.tell({ kind: "unwritable", message: error.message });
      return false;
    }
  }

  private asProposal(transaction: Transaction): Transaction | null {
    const ready = transaction.getMeta(PROPOSED) === true || transaction.getMeta(SHOWN) === true;
    if (!transaction.docChanged || ready) return transaction;
    if (this.authority.mayType) return proposalOf(this.state, transaction, this.authority);
    this.tell({ kind: "read-only" });
    return null;
  }
}
