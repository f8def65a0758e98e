import { onContentUpdated, useRoute, withBase } from 'vitepress'
import theme from 'vitepress/theme-without-fonts'
import { h, onMounted, onUnmounted } from 'vue'
import { NotFound } from './not-found.ts'
import { openPane } from './pane.ts'
import { printInLight } from './print.ts'
import './style.css'

export default {
  extends: theme,
  Layout: {
    setup() {
      const route = useRoute()
      return () => h(theme.Layout, null, { 'not-found': () => h(NotFound, { key: route.path }) })
    },
  },
  setup() {
    let close = () => {}
    onContentUpdated(() => {
      close()
      const pane = document.querySelector<HTMLElement>('.pane')
      close = pane ? openPane(pane, withBase('/engine/')) : () => {}
      document.documentElement.dataset.ready = ''
    })
    onUnmounted(() => close())
    onMounted(printInLight)
  },
}
