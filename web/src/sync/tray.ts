/** Words that are not in the text: kept, shown, proposed again when their author says so, and discarded by nobody else (I7). */

import { mintCommandKey } from "../model/ids";
import type { Place, Store, Unsent } from "./store";
import type { Words } from "./words";

export class Tray {
  private list: readonly Unsent[] = [];
  private readonly store: Store;
  private readonly place: Place;
  private readonly troubled: (error: unknown) => void;

  constructor(place: Place, store: Store, troubled: (error: unknown) => void) {
    this.place = place;
    this.store = store;
    this.troubled = troubled;
  }

  async restore(): Promise<void> {
    const stored = await this.store.unsent(this.place);
    this.list = [...stored, ...this.list];
  }

  /** Oldest first; a new value after every change. */
  get unsent(): readonly Unsent[] {
    return this.list;
  }

  put(words: Words, party: string, code: string, message: string, at: number): void {
    const unsent: Unsent = { id: mintCommandKey(), words, party, code, message, at };
    this.list = [...this.list, unsent];
    this.store.saveUnsent(this.place, unsent).catch(this.troubled);
  }

  find(id: string): Unsent | null {
    return this.list.find((unsent) => unsent.id === id) ?? null;
  }

  drop(id: string): void {
    this.list = this.list.filter((unsent) => unsent.id !== id);
    this.store.dropUnsent(this.place, id).catch(this.troubled);
  }
}
