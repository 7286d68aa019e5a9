/** Undo and redo of one's own typing, and nothing else: decisions are undone by Reopen, others' words by nobody. */

import * as Y from "yjs";
import { marksByCharacter, stretchAt, stretchesOf, type MarksByCharacter } from "../model/identity";
import { markOf, type MarkKey } from "../model/marks";
import type { Authority } from "./authority";
import { paragraphsOf, textIn, textRoot } from "../model/shared_text";

export class OwnUndo {
  private readonly doc: Y.Doc;
  private readonly origin: object;
  private readonly authority: Authority;
  private manager: Y.UndoManager;

  /** Tracks the changes that `origin` (the binding) makes. */
  constructor(doc: Y.Doc, origin: object, authority: Authority) {
    this.doc = doc;
    this.origin = origin;
    this.authority = authority;
    this.manager = this.tracking();
  }

  get canUndo(): boolean {
    return this.manager.canUndo();
  }

  get canRedo(): boolean {
    return this.manager.canRedo();
  }

  undo(): boolean {
    return this.settled("undoing", () => this.manager.undo());
  }

  redo(): boolean {
    return this.settled("redoing", () => this.manager.redo());
  }

  /** The next change begins a step of its own. */
  pause(): void {
    this.manager.stopCapturing();
  }

  /** Forgets everything: after Submit, a decision or a resync the words are no longer one's own to take back. */
  clear(): void {
    this.manager.destroy();
    this.manager = this.tracking();
  }

  destroy(): void {
    this.manager.destroy();
  }

  private tracking(): Y.UndoManager {
    return new Y.UndoManager(textRoot(this.doc), {
      trackedOrigins: new Set([this.origin]),
      captureTimeout: 600,
      deleteFilter: mayVanish,
    });
  }

  /**
   * Where somebody typed inside the words that an undo takes away, a mark of one's own can be left lying over the text that follows.
   * Every character that was there before gets back the marks it had, but for one's own strikes and brackets; in the same
   * transaction, so that nobody is ever sent the other state.
   */
  private settled(flag: "undoing" | "redoing", step: () => unknown): boolean {
    const { doc, manager, authority } = this;
    const before = marksByCharacter(doc);
    let done = false;
    try {
      doc.transact(() => {
        done = Boolean(step());
        // The manager files the transaction by this flag when it ends, which is after the step.
        manager[flag] = true;
        for (const element of paragraphsOf(textRoot(doc))) settle(textIn(element), before, authority);
      }, manager);
    } finally {
      manager[flag] = false;
    }
    return done;
  }
}

/** A paragraph one added stays when others have words in it; one's own words in it are gone by the time this is asked. */
function mayVanish(item: Y.Item): boolean {
  const type: unknown = item.content instanceof Y.ContentType ? item.content.type : null;
  const element = type instanceof Y.XmlElement ? type : item.parent;
  return !(element instanceof Y.XmlElement) || element.toArray().every((child) => child instanceof Y.XmlText && child.length === 0);
}

function settle(text: Y.XmlText | null, before: MarksByCharacter, authority: Authority): void {
  if (!text) return;
  for (const { offset, length, attributes } of bleeding(text, before, authority)) text.format(offset, length, attributes);
}

interface Bleeding {
  readonly offset: number;
  readonly length: number;
  readonly attributes: Record<string, true | null>;
}

function bleeding(text: Y.XmlText, before: MarksByCharacter, authority: Authority): Bleeding[] {
  const bled: Bleeding[] = [];
  let offset = 0;
  for (const stretch of stretchesOf(text)) {
    for (let at = 0; at < stretch.length; ) {
      const old = stretchAt(before, stretch.client, stretch.clock + at);
      const length = old ? Math.min(stretch.length - at, old.clock + old.length - stretch.clock - at) : 1;
      const attributes = old ? backTo(old.keys, stretch.keys, authority) : {};
      if (Object.keys(attributes).length > 0) bled.push({ offset: offset + at, length, attributes });
      at += length;
    }
    offset += stretch.length;
  }
  return bled;
}

function backTo(before: readonly MarkKey[], after: readonly MarkKey[], authority: Authority): Record<string, true | null> {
  const attributes: Record<string, true | null> = {};
  for (const key of before) if (!after.includes(key) && !isOwnStrike(key, authority)) attributes[key] = true;
  for (const key of after) if (!before.includes(key) && !isOwnStrike(key, authority)) attributes[key] = null;
  return attributes;
}

function isOwnStrike(key: MarkKey, authority: Authority): boolean {
  const mark = markOf(key);
  return (mark?.kind === "deletion" || mark?.kind === "bracket") && authority.standing(mark.id) === "editable";
}
