/** Commands that were given and are not answered yet: each giver hears what became of it, once. */

import { CommandRefused, type CommandResult } from "../model/commands";

interface Giver {
  resolve(result: CommandResult): void;
  reject(error: CommandRefused): void;
}

export class Asked {
  private readonly givers = new Map<string, Giver>();

  /** The result of the command under this key; rejects with `CommandRefused`. */
  answerTo(key: string): Promise<CommandResult> {
    return new Promise((resolve, reject) => this.givers.set(key, { resolve, reject }));
  }

  /** The server's answer. Nobody may wait for it: the command was given before the page was loaded. */
  answer(key: string, said: CommandResult | CommandRefused): void {
    const giver = this.givers.get(key);
    this.givers.delete(key);
    if (said instanceof CommandRefused) giver?.reject(said);
    else giver?.resolve(said);
  }
}
