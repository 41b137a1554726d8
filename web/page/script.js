'use strict';
// The page: canvas, keys, mouse and fingers for the viewer, which is the WebAssembly module.
// `instance()` makes a fresh copy of the module's bindings: one for each trace, so that the browser
// frees the memory of the trace before.

const $ = id => document.getElementById(id);
const canvas = $('screen');
const context = canvas.getContext('2d', { alpha: false });
const traces = [...document.querySelectorAll('script.trace')];
const links = [...document.querySelectorAll('#lessons a')];
const narrow = matchMedia('(max-width: 760px)');
/** The largest and the smallest picture, in pixels, and the bounds of its proportions. */
const LARGEST = [3840, 2160], SMALLEST = [800, 600], WIDEST = 1.9, TALLEST = 1.3;

let module, memory, page, contents = [], current, state = {}, dirty = true, last = 0, shown = '';

function fromBase64(text) {
  return Uint8Array.from(atob(text.trim()), letter => letter.charCodeAt(0));
}

async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}

function problem(words) {
  $('problem').textContent = words;
  $('problem').hidden = !words;
}

function tell(words) {
  $('toast').textContent = words;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { $('toast').textContent = ''; }, 5000);
}

/** The size of the canvas: in pixels of the screen, and in pixels of the page. */
function size() {
  const room = $('stage').parentElement.clientWidth;
  const used = $('frame').offsetTop + $('controls').offsetHeight + $('keys').offsetHeight + 24;
  const full = document.fullscreenElement === $('stage');
  const high = full ? innerHeight : narrow.matches ? innerHeight * 0.75 : innerHeight - used;
  let width = full ? innerWidth : room, height = Math.max(high, 240);
  if (!full) width = Math.min(width, height * WIDEST);
  height = Math.min(height, width / TALLEST);
  const ratio = devicePixelRatio || 1;
  let scale = Math.min(ratio, LARGEST[0] / width, LARGEST[1] / height);
  scale = Math.max(scale, SMALLEST[0] / width, SMALLEST[1] / height);
  const pixels = [Math.round(width * scale), Math.round(height * scale)];
  const fits = scale === ratio;
  return { pixels, css: fits ? pixels.map(side => side / ratio) : [width, height] };
}

function resize() {
  const { pixels: [width, height], css } = size();
  [canvas.style.width, canvas.style.height] = css.map(side => side + 'px');
  if (canvas.width === width && canvas.height === height) return;
  if (page && !page.resize(width, height)) return;
  [canvas.width, canvas.height] = [width, height];
  dirty = true;
}

/** Copies the rows that changed to the canvas. */
function draw() {
  const [first, rows] = page.draw();
  dirty = false;
  if (rows === 0) return;
  const bytes = new Uint8ClampedArray(memory.buffer, page.pixels(), canvas.width * canvas.height * 4);
  const image = new ImageData(bytes, canvas.width, canvas.height);
  context.putImageData(image, 0, 0, 0, first, canvas.width, rows);
}

function element(name, words, className) {
  const made = document.createElement(name);
  made.textContent = words;
  if (className) made.className = className;
  return made;
}

/** The caption as text and its answers as buttons: for screen readers and for narrow screens. */
function showCaption(entry) {
  const now = $('now');
  now.replaceChildren();
  if (!entry) return;
  now.append(element('p', `${entry.title}, step ${entry.step} of ${entry.steps}`, 'place'));
  if (entry.question) now.append(element('p', entry.question, 'asked'));
  now.append(element('p', entry.words, 'said'));
  entry.choices.forEach((words, at) => {
    const letter = 'ABCD'[at];
    if (entry.right === null) {
      const button = element('button', `${letter} ${words}`);
      button.addEventListener('click', () => press(letter.toLowerCase()));
      now.append(button);
    } else if (entry.right === at) {
      now.append(element('p', `${letter} is right: ${words}`));
    }
  });
  if (entry.right !== null && entry.because) now.append(element('p', entry.because));
}

/** The matches of a search, and its words if the keys of the canvas typed them. */
function showSearch(search) {
  const count = search ? search.count.toLocaleString('en') : '';
  const words = search && (search.at ? `${search.at.toLocaleString('en')} of ${count}` : search.count ? `${count} found` : 'none');
  $('found').textContent = search && search.words ? words : '';
  for (const button of document.querySelectorAll('#search button')) button.disabled = !search || !search.count;
  if (document.activeElement !== $('words')) $('words').value = search ? search.words : '';
}

function search(words) {
  page.search(words);
  dirty = true;
}

function update() {
  state = JSON.parse(page.state());
  const entry = contents[state.entry];
  const seconds = number => number.toFixed(3);
  $('where').textContent = `${seconds(state.seconds)} of ${seconds(state.end)} s · event ${state.position.toLocaleString('en')} of ${state.events.toLocaleString('en')}`;
  $('play').textContent = state.is_playing ? '❚❚' : '▶';
  $('play').setAttribute('aria-label', state.is_playing ? 'pause' : 'play');
  if ($('palette').value !== state.palette) $('palette').value = state.palette;
  showSearch(state.search);
  const key = JSON.stringify([traces.indexOf(current), state.entry]);
  if (key === shown) return;
  shown = key;
  showCaption(entry);
  mark(entry);
  if (!entry) return;
  canvas.setAttribute('aria-label', `The dashboard in step ${entry.step} of ${entry.steps}: ${entry.title}`);
  const address = `#${entry.lesson}/${entry.step}`;
  if (location.hash !== address) history.replaceState(null, '', address);
}

function frame(now) {
  const passed = now - last;
  last = now;
  if (state.is_playing) {
    page.advance(passed);
    dirty = true;
  }
  if (state.is_searching) dirty = true;
  if (dirty) {
    draw();
    update();
  }
  requestAnimationFrame(frame);
}

function fulfil(text) {
  dirty = true;
  if (!text) return;
  const wish = JSON.parse(text);
  if (wish.what === 'save') save();
  if (wish.what === 'tell') tell(wish.of);
  if (wish.what === 'lesson') open(wish.of);
  if (wish.what === 'end') {
    const at = links.findIndex(link => link.hasAttribute('aria-current'));
    const next = links[at + 1];
    tell(next ? `The end. Next in the list: ${next.firstChild.textContent}` : 'The end of the trace');
  }
}

function press(key) {
  if (page) fulfil(page.press(key));
}

/** Goes to a lesson, and to a step of it. */
function open(name, step) {
  const link = links.find(link => link.dataset.name === name);
  if (!link) return tell(`This page has no lesson ${name}`);
  if (link.dataset.trace === undefined) return location.assign(link.href);
  load(traces[link.dataset.trace]);
  if (!page.show_step(name, step) && step > 1) tell(`There is no step ${step}`);
  dirty = true;
}

/** Opens a trace, unless it is open. */
function load(trace) {
  if (trace === current) return;
  const glue = instance();
  memory = glue.initSync({ module }).memory;
  page = new glue.Page(fromBase64(trace.textContent), canvas.width, canvas.height);
  current = trace;
  contents = JSON.parse(page.contents());
  page.set_slowness(Number($('speed').value));
  page.set_palette($('palette').value);
  if (narrow.matches) page.press('p');
  problem(page.warning() || '');
  state = JSON.parse(page.state());
  $('events').textContent = `, ${state.events.toLocaleString('en')} events`;
  [shown, dirty] = ['', true];
}

/** Marks the lesson of the picture in the list. */
function mark(entry) {
  for (const link of links) {
    const isHere = entry && link.dataset.name === entry.lesson && traces[link.dataset.trace] === current;
    if (isHere) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
    link.querySelector('small').textContent = isHere ? `${entry.step} of ${entry.steps}` : link.dataset.steps;
  }
}

/** Goes where the address says: #copy-on-write/4. Returns false where it says nothing. */
function follow() {
  const [, name, step] = /^#([a-z0-9-]+)\/(\d+)$/.exec(location.hash) || [];
  if (name) open(name, Number(step));
  return Boolean(name && current);
}

function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function fileName(ending) {
  const entry = contents[state.entry];
  return (entry ? `${entry.lesson}-${entry.step}` : current.dataset.name) + ending;
}

function save() {
  draw();
  canvas.toBlob(blob => download(blob, fileName('.png')), 'image/png');
}

/** Draws the picture for paper, 2560 pixels wide, and saves it. */
function print() {
  const before = [canvas.width, canvas.height], palette = state.palette;
  const height = Math.min(Math.round(2560 * before[1] / before[0]), LARGEST[1]);
  if (!page.resize(2560, height)) return;
  [canvas.width, canvas.height] = [2560, height];
  page.set_palette('print');
  draw();
  const copy = document.createElement('canvas');
  [copy.width, copy.height] = [2560, height];
  copy.getContext('2d').drawImage(canvas, 0, 0);
  page.set_palette(palette);
  page.resize(...before);
  [canvas.width, canvas.height] = before;
  draw();
  copy.toBlob(blob => download(blob, fileName('-print.png')), 'image/png');
}

const actions = {
  save,
  print,
  trace() {
    download(new Blob([fromBase64(current.textContent)]), current.dataset.name + '.trace');
  },
  full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else $('stage').requestFullscreen();
  },
};

/** The pixel of the picture below a pointer. */
function pixel(event) {
  const area = canvas.getBoundingClientRect();
  const x = (event.clientX - area.left) * canvas.width / area.width;
  const y = (event.clientY - area.top) * canvas.height / area.height;
  return [Math.floor(x), Math.floor(y)];
}

/** Two fingers on the frame map zoom it. Elsewhere they zoom the page. Returns whether they do. */
function listenToFingers() {
  const STEP = 1.4;
  let pinch = null, ended = 0;
  const between = touches => {
    const [a, b] = touches;
    const middle = { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
    return { at: pixel(middle), apart: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) };
  };
  canvas.addEventListener('touchstart', event => {
    if (event.touches.length !== 2) return;
    const start = between(event.touches);
    if (!page.is_map(...start.at)) return;
    event.preventDefault();
    pinch = start;
  }, { passive: false });
  canvas.addEventListener('touchmove', event => {
    if (!pinch || event.touches.length !== 2) return;
    event.preventDefault();
    const now = between(event.touches);
    for (const [grows, clicks] of [[r => r >= STEP, 1], [r => r <= 1 / STEP, -1]]) {
      while (grows(now.apart / pinch.apart)) {
        page.turn(...pinch.at, clicks);
        pinch.apart *= clicks > 0 ? STEP : 1 / STEP;
        dirty = true;
      }
    }
  }, { passive: false });
  for (const name of ['touchend', 'touchcancel']) {
    canvas.addEventListener(name, event => {
      if (pinch && event.touches.length === 0) [pinch, ended] = [null, event.timeStamp];
    });
  }
  return () => pinch !== null || performance.now() - ended < 100;
}

function listen() {
  const isPinching = listenToFingers();
  let dragging = false;
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const inCanvas = document.activeElement === canvas;
    const tag = event.target.tagName;
    if (tag === 'SELECT' || tag === 'INPUT') return;
    if ((tag === 'BUTTON' || tag === 'A') && (event.key === ' ' || event.key === 'Enter')) return;
    if (event.key === 'Tab' && (!inCanvas || event.shiftKey)) return;
    if (!page.knows(event.key)) return;
    event.preventDefault();
    press(event.key);
  });
  $('words').addEventListener('input', () => search($('words').value));
  $('words').addEventListener('keydown', event => {
    if (event.key === 'Enter') press(event.shiftKey ? 'N' : 'n');
    if (event.key === 'Escape') search($('words').value = '');
  });
  canvas.addEventListener('pointerdown', event => {
    const at = pixel(event);
    canvas.focus({ preventScroll: true });
    dragging = page.is_timeline(...at);
    if (dragging) {
      canvas.setPointerCapture(event.pointerId);
      fulfil(page.click(...at));
    }
  });
  canvas.addEventListener('pointermove', event => {
    const at = pixel(event);
    if (dragging) fulfil(page.click(...at));
    else if (event.pointerType === 'mouse') page.point(...at);
    dirty = true;
  });
  canvas.addEventListener('pointerup', event => {
    if (!dragging && !isPinching() && event.button === 0) {
      const at = pixel(event);
      page.point(...at);
      draw();
      fulfil(page.click(...at));
    }
    dragging = false;
  });
  canvas.addEventListener('pointercancel', () => { dragging = false; });
  canvas.addEventListener('contextmenu', event => { event.preventDefault(); press('Escape'); });
  canvas.addEventListener('wheel', event => {
    const at = pixel(event);
    if (!page.turns(...at)) return;
    event.preventDefault();
    page.turn(...at, event.deltaY < 0 ? 1 : -1);
    dirty = true;
  }, { passive: false });
  for (const button of document.querySelectorAll('[data-key]')) {
    button.addEventListener('click', () => press(button.dataset.key));
  }
  for (const button of document.querySelectorAll('[data-do]')) {
    button.addEventListener('click', () => actions[button.dataset.do]());
  }
  $('menu').addEventListener('click', () => {
    const isOpen = $('side').classList.toggle('open');
    $('menu').setAttribute('aria-expanded', isOpen);
  });
  for (const link of links.filter(link => link.dataset.trace !== undefined)) {
    link.addEventListener('click', event => {
      event.preventDefault();
      load(traces[link.dataset.trace]);
      page.show_step(link.dataset.name, 1);
      dirty = true;
    });
  }
  $('speed').addEventListener('change', () => page.set_slowness(Number($('speed').value)));
  $('palette').addEventListener('change', () => { page.set_palette($('palette').value); dirty = true; });
  addEventListener('hashchange', follow);
  addEventListener('resize', resize);
  document.addEventListener('fullscreenchange', resize);
}

async function start() {
  if (typeof WebAssembly !== 'object' || typeof DecompressionStream !== 'function') {
    problem('This browser is too old for the pictures: it has no WebAssembly or no DecompressionStream. The text below is the whole lesson.');
    return;
  }
  module = await WebAssembly.compile(await unpacked(fromBase64($('wasm').textContent)));
  $('controls').hidden = $('keys').hidden = false;
  problem('');
  resize();
  if (!follow()) load(traces[0]);
  listen();
  requestAnimationFrame(frame);
  document.documentElement.dataset.ready = 'true';
}

start().catch(error => problem(`The pictures cannot be shown: ${error}. The text below is the whole lesson.`));
