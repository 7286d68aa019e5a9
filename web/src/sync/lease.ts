/** One tab per lease: two tabs that wrote under one client id would destroy each other's words. */

export interface Locks {
  /** Holds a name until the function returned is called; null when another tab holds it. */
  tryHold(name: string): Promise<(() => void) | null>;
}

/** Web Locks, which end with the tab whatever becomes of it. */
export function browserLocks(manager: LockManager = navigator.locks): Locks {
  return {
    tryHold: (name) =>
      new Promise((resolve, reject) => {
        manager
          .request(name, { ifAvailable: true }, (lock) => {
            if (lock === null) return resolve(null);
            return new Promise<void>((release) => resolve(release));
          })
          .catch(reject);
      }),
  };
}

/** Locks among the sessions of one process: tests, tools, browsers without Web Locks (then each tab takes a fresh lease). */
export function processLocks(): Locks {
  const held = new Set<string>();
  return {
    tryHold: async (name) => {
      if (held.has(name)) return null;
      held.add(name);
      return () => void held.delete(name);
    },
  };
}
