// Answers with an array of sentences: what in this page cannot be read or used.
(() => {
  const problems = []
  const channels = (color) => {
    const numbers = color.match(/[\d.]+/g).map(Number)
    return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 }
  }
  const over = (front, back) => front.rgb.map((value, index) => value * front.alpha + back[index] * (1 - front.alpha))
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const background = (element) => {
    const layers = []
    for (let at = element; at; at = at.parentElement) layers.push(channels(getComputedStyle(at).backgroundColor))
    return layers.reverse().reduce((back, layer) => over(layer, back), [255, 255, 255])
  }
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }
  const seen = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false
    if (element.closest('.unseen, .skip, .clients input')) return false
    const box = element.getBoundingClientRect()
    return box.width > 0 && box.height > 0
  }
  const check = (element, color, text) => {
    const style = getComputedStyle(element)
    const back = background(element)
    const ratio = contrast(over(channels(color), back), back)
    const size = parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (large ? 3 : 4.5)) problems.push(`contrast ${ratio.toFixed(2)} of "${text.trim().slice(0, 40)}"`)
  }

  let texts = 0
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || !seen(element)) continue
    texts += 1
    check(element, getComputedStyle(element).color, walker.currentNode.data)
  }
  if (texts < 3) problems.push('hardly any text is shown')
  for (const field of document.querySelectorAll('input[placeholder]')) {
    if (seen(field)) check(field, getComputedStyle(field, '::placeholder').color, field.placeholder)
  }

  const page = document.documentElement
  if (page.scrollWidth > page.clientWidth) {
    const scrolls = (element) => element && (/auto|hidden|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    const widest = [...document.body.querySelectorAll('*')].find((element) =>
      element.getBoundingClientRect().right > page.clientWidth && !scrolls(element.parentElement))
    problems.push(`the page is wider than the window: ${page.scrollWidth} of ${page.clientWidth}, ${widest?.outerHTML.slice(0, 120)}`)
  }
  for (const control of document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')) {
    const labels = [...(control.labels ?? [])].map((label) => label.textContent).join(' ')
    const images = [...control.querySelectorAll('img[alt]')].map((image) => image.alt).join(' ')
    const name = control.getAttribute('aria-label') || labels || control.textContent || images
    if (!name.trim()) problems.push(`no name: ${control.outerHTML.slice(0, 80)}`)
    const box = control.getBoundingClientRect()
    const alone = control.matches('button, select, .tabs a, .pager a')
    if (seen(control) && alone && box.height < 24) problems.push(`only ${box.height} high: ${name.trim()}`)
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) problems.push(`the same id twice: ${id}`)
  if (document.querySelectorAll('main').length !== 1) problems.push('not one main part')
  if (!document.querySelector('h1')) problems.push('no heading')
  if (!page.lang) problems.push('no language')
  return problems
})()
