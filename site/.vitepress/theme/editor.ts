/** CodeMirror in the place of a source. It is loaded when a reader begins to edit. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type EditorState, RangeSet, StateEffect, StateField } from '@codemirror/state'
import { Decoration, EditorView, GutterMarker, gutter, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** Lines of the source that the article quotes. */
export interface Quoted {
  number: string
  from: number
  to: number
}

export interface Editor {
  text: () => string
  replace: (text: string) => void
  /** Puts the caret at a place of the window. */
  focusAt: (x: number, y: number) => void
  /** Brings an excerpt into view. */
  show: (excerpt: string) => void
  /** Marks the line that an error came from, or none. */
  markError: (line: number | undefined) => void
  destroy: () => void
}

// The colours are those of the page's other code: style.css has them, for light and for dark.
const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operator], class: 'code-keyword' },
  { tag: [tags.string, tags.special(tags.string)], class: 'code-string' },
  { tag: tags.comment, class: 'code-comment' },
  { tag: [tags.number, tags.bool, tags.null], class: 'code-constant' },
  { tag: tags.function(tags.variableName), class: 'code-function' },
  { tag: [tags.typeName, tags.className], class: 'code-type' },
])

class Mark extends GutterMarker {
  readonly number: string
  constructor(number: string) {
    super()
    this.number = number
  }
  override eq(other: Mark): boolean {
    return other.number === this.number
  }
  override toDOM(): Node {
    const link = document.createElement('a')
    link.className = 'mark vp-raw'
    link.href = `#excerpt-${this.number}`
    link.dataset.excerpt = this.number
    link.setAttribute('aria-label', `Excerpt ${this.number}: show it in the article`)
    return link
  }
}

const setError = StateEffect.define<number | undefined>()

/** The line of an error. It goes with the next edit of that line, or the next run. */
const errorLine = StateField.define({
  create: () => Decoration.none,
  update(value, { effects, changes, state }) {
    const effect = effects.find((each) => each.is(setError))
    if (!effect) return value.map(changes)
    const line: unknown = effect.value
    if (typeof line !== 'number' || line > state.doc.lines) return Decoration.none
    return Decoration.set(Decoration.line({ class: 'error-line' }).range(state.doc.line(line).from))
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** @param onChange is called after each change. */
export function openEditor(
  parent: HTMLElement,
  text: string,
  quoted: Quoted[],
  onChange: () => void,
): Editor {
  const start = (state: EditorState, line: number) =>
    state.doc.line(Math.min(line, state.doc.lines)).from
  // What is quoted moves along when lines are added above it.
  const lines = StateField.define({
    create: (state) =>
      Decoration.set(
        quoted.flatMap(({ number, from, to }) =>
          Array.from({ length: to - from + 1 }, (_, i) =>
            Decoration.line({ attributes: { 'data-excerpt': number } }).range(
              start(state, from + i),
            ),
          ),
        ),
        true,
      ),
    update: (value, { changes }) => value.map(changes),
    provide: (field) => EditorView.decorations.from(field),
  })
  const marks = StateField.define({
    create: (state) =>
      RangeSet.of(
        quoted.map(({ number, from }) => new Mark(number).range(start(state, from))),
        true,
      ),
    update: (value, { changes }) => value.map(changes),
  })
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      gutter({ class: 'marks', markers: (editor) => editor.state.field(marks) }),
      lineNumbers(),
      history(),
      javascript({ typescript: true }),
      syntaxHighlighting(highlight),
      lines,
      marks,
      errorLine,
      EditorView.lineWrapping,
      // Tab leaves the editor, as everywhere on the page.
      keymap.of([...defaultKeymap, ...historyKeymap]),
      EditorView.contentAttributes.of({ 'aria-label': 'Source, to be edited' }),
      EditorView.updateListener.of((update) => void (update.docChanged && onChange())),
    ],
  })
  const show = (place: number) =>
    view.dispatch({ effects: EditorView.scrollIntoView(place, { y: 'center' }) })
  return {
    text: () => view.state.doc.toString(),
    replace: (changed) =>
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: changed } }),
    focusAt(x, y) {
      const place = view.posAtCoords({ x, y })
      if (place !== null) view.dispatch({ selection: { anchor: place } })
      view.focus()
    },
    show(excerpt) {
      for (let cursor = view.state.field(marks).iter(); cursor.value; cursor.next()) {
        if (cursor.value.number === excerpt) show(cursor.from)
      }
    },
    markError(line) {
      view.dispatch({ effects: setError.of(line) })
      if (line !== undefined) show(start(view.state, line))
    },
    destroy: () => view.destroy(),
  }
}
