// Real Yjs documents, driven from Python: one JSON command per line in, one JSON answer per line out.
// Offsets are UTF-16 units, as Yjs counts them; bytes travel as hexadecimal text.
import { createRequire } from "node:module"
import { createInterface } from "node:readline"

const Y = createRequire(new URL("../../../web/package.json", import.meta.url))("yjs")
const MINE = "typed here"

const documents = new Map()
const hex = (bytes) => Buffer.from(bytes).toString("hex")
const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"))

function open({ client, state }) {
  const doc = new Y.Doc()
  doc.clientID = client
  // As the product does: tidying of formatting, each browser for itself and unsent, would make documents differ.
  doc.on("afterTransaction", (transaction) => { transaction._needFormattingCleanup = false })
  const held = { doc, root: doc.getXmlFragment("text"), made: [] }
  if (state) Y.applyUpdate(doc, bytes(state))
  held.undo = new Y.UndoManager(held.root, { trackedOrigins: new Set([MINE]), captureTimeout: 0 })
  doc.on("update", (update, origin) => {
    if (origin === MINE || origin === held.undo) held.made.push(hex(update))
  })
  documents.set(client, held)
  return true
}

const words = (held, row) => held.root.get(row).get(0)

function add(held, { row, attributes, runs }) {
  const element = new Y.XmlElement("paragraph")
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  const text = new Y.XmlText()
  element.insert(0, [text])
  held.root.insert(row, [element])
  for (const [piece, marks] of runs) text.insert(text.length, piece, marks)
}

const edits = {
  insert: (held, { row, at, text, marks }) => words(held, row).insert(at, text, marks),
  delete: (held, { row, at, length }) => words(held, row).delete(at, length),
  format: (held, { row, at, length, key, on }) => words(held, row).format(at, length, { [key]: on ? true : null }),
  remove: (held, { row }) => held.root.delete(row, 1),
  add,
}

// What is made in one transaction is one update.
function edit({ client, edits: list }) {
  const held = documents.get(client)
  held.made = []
  held.doc.transact(() => list.forEach((one) => edits[one.edit](held, one)), MINE)
  return held.made
}

function turn({ client, back }) {
  const held = documents.get(client)
  held.made = []
  if (back) held.undo.undo()
  else held.undo.redo()
  return held.made
}

function apply({ client, updates }) {
  const { doc } = documents.get(client)
  for (const update of updates) Y.applyUpdate(doc, bytes(update))
  const { pendingStructs, pendingDs } = doc.store
  return pendingStructs === null && pendingDs === null
}

function read({ client }) {
  return documents.get(client).root.toArray().map((element) => ({
    tag: element.nodeName,
    attributes: element.getAttributes(),
    texts: element.toArray().map((text) => text.toDelta().map((part) => [part.insert, Object.keys(part.attributes ?? {})])),
  }))
}

const acts = {
  open,
  edit,
  turn,
  apply,
  read,
  close: ({ client }) => documents.delete(client),
  difference: ({ client, vector }) => hex(Y.encodeStateAsUpdate(documents.get(client).doc, bytes(vector))),
  merge: ({ updates }) => hex(Y.mergeUpdates(updates.map(bytes))),
  vector: ({ client }) => hex(Y.encodeStateVector(documents.get(client).doc)),
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  let answer
  try {
    answer = { done: acts[command.do](command) }
  } catch (error) {
    answer = { error: String(error.stack) }
  }
  process.stdout.write(JSON.stringify(answer) + "\n")
}
