import { onContentUpdated, withBase } from 'vitepress'
import theme from 'vitepress/theme-without-fonts'
import { onUnmounted } from 'vue'
import { openPane } from './pane.ts'
import './style.css'

export default {
  extends: theme,
  setup() {
    let close = () => {}
    onContentUpdated(() => {
      close()
      const pane = document.querySelector<HTMLElement>('.pane')
      close = pane ? openPane(pane, withBase('/engine/')) : () => {}
      document.documentElement.dataset.ready = ''
    })
    onUnmounted(() => close())
  },
}
