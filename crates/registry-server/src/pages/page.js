// What makes pages pleasanter and nothing depends on: buttons that copy commands, the package manager that was chosen
// last, and a key for the search box.
(() => {
  for (const block of document.querySelectorAll('[data-copy]')) {
    if (!navigator.clipboard) break
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(block.querySelector('code').textContent.trim())
        button.textContent = 'Copied'
      } catch {
        button.textContent = 'Not allowed'
      }
      setTimeout(() => { button.textContent = 'Copy' }, 1500)
    })
    block.append(button)
  }

  const clients = [...document.querySelectorAll('input[name="client"]')]
  const remembered = 'knit.client'
  try {
    const last = clients.find(({ value }) => value === localStorage.getItem(remembered))
    if (last) last.checked = true
    for (const client of clients) {
      client.addEventListener('change', () => localStorage.setItem(remembered, client.value))
    }
  } catch {
    // a browser that keeps nothing: the first one stays chosen
  }

  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest('input, textarea, select')
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    document.getElementById('search').select()
  })
})()
