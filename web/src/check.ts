/**
 * The button “Check in this browser” of pages that show versions: computes the fingerprint of the text that the server gives, compares
 * it with the one on the page, and has the result put on record. Without this script the button is not there.
 */

const HIDDEN = "hidden";

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function check(place: HTMLElement): Promise<string> {
  const address = place.dataset["check"] ?? "";
  const answer = await fetch(`${address}/canonical.txt`, { cache: "reload" });
  if (!answer.ok) return "The text cannot be had now. Try again in a moment.";
  const fingerprint = await sha256(await answer.text());
  const told = await fetch(`${address}/checks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ fingerprint }),
  });
  if (fingerprint !== place.dataset["fingerprint"]) return "This browser computed another fingerprint. Tell the secretariat.";
  if (!told.ok) return "The same fingerprint. It could not be put on record.";
  const said = place.parentElement?.querySelector("[data-told]");
  if (said) said.textContent = ((await told.json()) as { told: string }).told;
  return "The same fingerprint. It is on record.";
}

for (const place of document.querySelectorAll<HTMLElement>("[data-check]")) {
  const button = place.querySelector("button");
  const told = place.querySelector<HTMLElement>("[role=status]");
  if (!button || !told || !("subtle" in crypto)) continue;
  button.removeAttribute(HIDDEN);
  const run = (): void => {
    button.disabled = true;
    check(place)
      .catch(() => "The server cannot be reached. Try again.")
      .then((words) => {
        told.textContent = words;
        button.disabled = false;
      });
  };
  button.addEventListener("click", run);
  // Whoever just froze all of it looks at this page, and not at an editor: the chair's browser answers by itself.
  if (place.hasAttribute("data-at-once")) run();
}
