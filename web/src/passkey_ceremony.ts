/** What a page does with a passkey: ask the server for options, hand them to the device, post the answer. */

/** Why it did not work, in words for the person; `code` where the server says one. */
export class PasskeyFailed extends Error {
  readonly code: string;

  constructor(message: string, code = "") {
    super(message);
    this.code = code;
  }
}

const DECLINED = "Nothing was confirmed: it was broken off, or no passkey of yours is on this device.";
const TOO_OLD = "This browser knows no passkeys. Use a newer one, or another device.";
const UNREACHED = "The server cannot be reached just now. Try again in a moment.";

type Given = Record<string, unknown>;

/** Whether this browser can do it, in a page that came by a safe way. */
export const isPossible = (): boolean =>
  typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

/** Registers a passkey of the person signed in. */
export const registered = async (name: string): Promise<void> => {
  await ceremony("/account/passkeys", { name }, (options) =>
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON),
    }),
  );
};

/** Confirms that it is the person signed in. */
export const confirmed = async (): Promise<void> => void (await used("/confirm"));

/** Signs in whoever's passkey it is; where to go then. */
export const signedIn = async (): Promise<string> => {
  const { to } = await used("/passkey");
  return typeof to === "string" && /^\/(?![/\\])/.test(to) ? to : "/";
};

const used = (address: string): Promise<Given> =>
  ceremony(address, {}, (options) =>
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON),
    }),
  );

const ceremony = async (
  address: string,
  more: Given,
  ask: (options: Given) => Promise<Credential | null>,
): Promise<Given> => {
  if (!isPossible()) throw new PasskeyFailed(TOO_OLD);
  const options = await posted(`${address}/options`, {});
  let credential: Credential | null;
  try {
    credential = await ask(options);
  } catch (error) {
    if (error instanceof DOMException && error.name === "InvalidStateError") {
      throw new PasskeyFailed("This device has a passkey for you already.");
    }
    throw new PasskeyFailed(DECLINED);
  }
  if (!(credential instanceof PublicKeyCredential)) throw new PasskeyFailed(DECLINED);
  return posted(address, { ...more, answer: credential.toJSON() });
};

const posted = async (address: string, body: Given): Promise<Given> => {
  let answer: Response;
  let told: Given;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
    });
    told = (await answer.json()) as Given;
  } catch {
    throw new PasskeyFailed(UNREACHED);
  }
  if (!answer.ok) throw new PasskeyFailed(String(told["message"] ?? UNREACHED), String(told["code"] ?? ""));
  return told;
};
