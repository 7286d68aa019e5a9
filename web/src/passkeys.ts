/** The pages that use passkeys: each `[data-passkey]` is one thing to do, with its button and its line of words. */

import { confirmed, isPossible, PasskeyFailed, registered, signedIn } from "./passkey_ceremony";

const TOO_OLD = "This browser knows no passkeys, or the page did not come by https.";

const begin = (place: HTMLElement): void => {
  const button = place.querySelector<HTMLButtonElement>("[data-passkey-go]");
  const told = place.querySelector<HTMLElement>("[data-passkey-told]");
  if (!button || !told) return;
  const tell = (words: string): void => {
    told.textContent = words;
    told.hidden = words === "";
  };
  if (!isPossible()) return tell(TOO_OLD);
  button.hidden = false;

  const go = async (): Promise<void> => {
    button.disabled = true;
    tell("");
    try {
      await done(place);
    } catch (error) {
      if (!(error instanceof PasskeyFailed)) throw error;
      // The list of passkeys asks for a proof before it takes another.
      if (error.code === "proof-needed") return location.assign(`/confirm?next=${encodeURIComponent(location.pathname)}`);
      tell(error.message);
    } finally {
      button.disabled = false;
    }
  };
  if (place instanceof HTMLFormElement) {
    place.addEventListener("submit", (event) => {
      event.preventDefault();
      void go();
    });
  } else {
    button.addEventListener("click", () => void go());
  }
};

const done = async (place: HTMLElement): Promise<void> => {
  const { passkey, passkeyNext } = place.dataset;
  if (passkey === "sign-in") return location.assign(await signedIn());
  if (passkey === "register") {
    await registered(place.querySelector<HTMLInputElement>("[name=name]")?.value ?? "");
    return location.assign(passkeyNext || "/account/passkeys?done=passkey-added");
  }
  await confirmed();
  const kept = place.querySelector<HTMLFormElement>("[data-passkey-kept]");
  if (kept) kept.submit();
  else if (passkeyNext) location.assign(passkeyNext);
  else history.back();
};

for (const place of document.querySelectorAll<HTMLElement>("[data-passkey]")) begin(place);
