/** Where the others' carets are, as the server tells (crdt/SPEC.md W8): a thin line, the name for a moment after it moved. */

import type { Node } from "prosemirror-model";
import { Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet } from "prosemirror-view";
import type { Naming } from "./naming";
import { attrsOf } from "./schema";

export interface PeerPlace {
  readonly peer: number;
  readonly name: string;
  readonly delegation: string;
  readonly paragraph: string;
  readonly offset: number;
  readonly self: boolean;
}

/** Meta that brings the places anew. */
export const PEERS = "peers";

const key = new PluginKey<DecorationSet>("peers");

export function peerCarets(naming: Naming): Plugin<DecorationSet> {
  return new Plugin<DecorationSet>({
    key,
    state: {
      init: () => DecorationSet.empty,
      apply: (transaction, before) => {
        const peers = transaction.getMeta(PEERS) as readonly PeerPlace[] | undefined;
        return peers ? drawn(transaction.doc, peers, naming) : before.map(transaction.mapping, transaction.doc);
      },
    },
    props: { decorations: (state) => key.getState(state) ?? DecorationSet.empty },
  });
}

function drawn(doc: Node, peers: readonly PeerPlace[], naming: Naming): DecorationSet {
  const places = new Map<string, number>();
  doc.forEach((paragraph, start) => places.set(attrsOf(paragraph).id, start + 1));
  const carets = peers.flatMap((peer) => {
    const start = places.get(peer.paragraph);
    if (peer.self || start === undefined) return [];
    const offset = Math.min(peer.offset, doc.resolve(start).parent.content.size);
    // The place is part of the key: a caret that moved is drawn anew, and shows its name again.
    const spec = { side: 5, key: `peer ${peer.peer} ${peer.paragraph} ${peer.offset}`, ignoreSelection: true };
    return [Decoration.widget(start + offset, () => caretOf(peer, naming), spec)];
  });
  return DecorationSet.create(doc, carets);
}

function caretOf({ name, delegation }: PeerPlace, naming: Naming): HTMLElement {
  const caret = document.createElement("span");
  caret.className = `peer-caret region-${naming.regionOf(delegation)}`;
  caret.setAttribute("contenteditable", "false");
  caret.setAttribute("aria-hidden", "true");
  const flag = document.createElement("bdi");
  flag.className = "peer-name";
  flag.textContent = delegation === "" ? name : `${name}, ${delegation}`;
  caret.append(flag);
  return caret;
}
