/** What stands in the place of a page that is not there, or that could not be loaded. */
import { withBase } from 'vitepress'
import { defineComponent, h, onMounted, ref } from 'vue'

export const NotFound = defineComponent(() => {
  const isOffline = ref(false)
  // VitePress takes every page that could not be loaded for one that does not exist.
  onMounted(async () => {
    try {
      await fetch(withBase('/hashmap.json'), { method: 'HEAD', cache: 'no-store' })
    } catch {
      isOffline.value = true
    }
  })
  return () =>
    h(
      'div',
      { class: 'not-found vp-doc', role: 'status' },
      isOffline.value
        ? [
            h('h1', 'You are offline, or the site is down'),
            h('p', [
              'This page could not be loaded: the server of this site does not answer. Check your ' +
                'connection, or start ',
              h('code', './manage.sh site'),
              ' again if this is your own copy.',
            ]),
            h('button', { onClick: () => location.reload() }, 'Try again'),
          ]
        : [
            h('h1', 'There is no such page'),
            h('p', ['Choose a lesson from ', h('a', { href: withBase('/') }, 'the list'), '.']),
          ],
    )
})
