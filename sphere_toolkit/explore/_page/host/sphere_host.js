// Shows anywidget widgets on a page of the book, where there is no kernel.
//
// myst-nb embeds the state of a notebook's widgets, and a small script where each one was shown.
// This host reads both and mounts the widgets' own modules (the "anywidget front-end module"
// interface: a default export with `initialize` and `render`). Nothing is fetched, so a page works
// from file:// and without a network. A widget of another kind, or one that fails, leaves a
// message in its place.
(() => {
  "use strict";
  const TYPE = "application/vnd.jupyter.widget-";

  /** State of every widget on the page, by model id. */
  const records = {};
  /** Long texts that several widgets have in common, by the keys that stand for them. */
  const shared = {};
  /** Models made so far, by id: all views of a widget share one. */
  const models = new Map();
  /** Loaded modules, by source text: widgets of one kind share one. */
  const modules = new Map();
  /** Style sheets that are on the page, by text. */
  const styles = new Set();

  function readRecords() {
    for (const script of document.querySelectorAll(`script[type="${TYPE}state+json"]`)) {
      const content = JSON.parse(script.textContent);
      Object.assign(records, content.state);
      Object.assign(shared, content.shared);
    }
  }

  /** What a page holds once for several widgets, or the value itself. */
  const whole = (value) => (Object.hasOwn(shared, value) ? shared[value] : value);

  /** Puts the binary parts of a widget's state, which travel as base64, where they belong. */
  function restoreBuffers(state, buffers) {
    for (const { path, data } of buffers) {
      const text = atob(whole(data));
      const bytes = new Uint8Array(text.length);
      for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
      let target = state;
      for (const key of path.slice(0, -1)) target = target[key];
      target[path.at(-1)] = new DataView(bytes.buffer);
    }
  }

  /** The part of a Jupyter widget model that anywidget modules rely on, without a kernel. */
  class Model {
    constructor(record) {
      this.name = record.model_name;
      this.module = record.model_module;
      this.state = Object.fromEntries(
        Object.entries(record.state).map(([key, value]) => [key, whole(value)]),
      );
      this.listeners = new Map();
      restoreBuffers(this.state, record.buffers ?? []);
      this.widget_manager = { get_model: async (reference) => modelOf(reference) };
    }

    get(key) {
      return this.state[key];
    }

    set(key, value) {
      if (typeof key === "object") {
        for (const [each, its] of Object.entries(key)) this.set(each, its);
        return;
      }
      if (Object.is(this.state[key], value)) return;
      this.state[key] = value;
      this.emit(`change:${key}`, value);
      this.emit("change");
    }

    on(names, callback) {
      for (const name of names.split(" ")) {
        if (!this.listeners.has(name)) this.listeners.set(name, new Set());
        this.listeners.get(name).add(callback);
      }
    }

    off(names, callback) {
      if (!names) this.listeners.clear();
      for (const name of names?.split(" ") ?? []) {
        if (callback) this.listeners.get(name)?.delete(callback);
        else this.listeners.delete(name);
      }
    }

    emit(name, value) {
      for (const callback of [...(this.listeners.get(name) ?? [])]) callback(this, value);
    }

    /** There is no kernel to save to or to talk with. */
    save_changes() {}
    send() {}
  }

  function modelOf(reference) {
    const id = reference.replace(/^IPY_MODEL_/, "");
    if (!models.has(id)) {
      if (!records[id]) throw new Error(`the page has no state for widget ${id}`);
      models.set(id, new Model(records[id]));
    }
    return models.get(id);
  }

  /** What the options of `initialize` and `render` share; calls into Python cannot be answered. */
  const experimental = {
    invoke: async () => {
      throw new Error("no kernel in a static page");
    },
  };

  /** A widget's module, loaded once for all widgets with the same source. */
  function moduleOf(model) {
    const source = model.get("_esm");
    if (!source) return Promise.reject(new Error("it has no module"));
    if (!modules.has(source)) {
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      const loaded = import(url).then(({ default: made }) =>
        typeof made === "function" ? made() : made,
      );
      modules.set(source, loaded.finally(() => URL.revokeObjectURL(url)));
    }
    return modules.get(source);
  }

  function addStyle(text) {
    if (!text || styles.has(text)) return;
    styles.add(text);
    const style = document.createElement("style");
    style.textContent = text;
    document.head.append(style);
  }

  async function mountAnywidget(model, element) {
    const widget = await moduleOf(model);
    addStyle(model.get("_css"));
    model.ready ??= Promise.resolve(widget.initialize?.({ model, experimental }));
    await model.ready;
    const signal = new AbortController().signal; // a view lives as long as the page
    await widget.render?.({ model, el: element, signal, experimental });
  }

  async function mountBox(model, element) {
    const direction = model.name === "HBoxModel" ? "row" : "column";
    element.style.cssText += `display:flex;flex-wrap:wrap;gap:.5rem;flex-direction:${direction}`;
    for (const child of model.get("children")) {
      const slot = document.createElement("div");
      slot.style.cssText = "flex:1 1 20rem;min-width:0";
      element.append(slot);
      await mount(child, slot);
    }
  }

  function say(element, message) {
    const note = document.createElement("p");
    note.className = "sphere-host-message";
    note.setAttribute("role", "note");
    note.textContent = message;
    element.replaceChildren(note);
  }

  async function mount(reference, element) {
    try {
      const model = modelOf(reference);
      if (model.module === "anywidget") await mountAnywidget(model, element);
      else if (/^(V|H|)BoxModel$/.test(model.name)) await mountBox(model, element);
      else say(element, `This widget (${model.name}) needs a kernel: open the notebook in JupyterLab.`);
    } catch (error) {
      say(element, `This widget cannot be shown here: ${error.message}.`);
    }
  }

  function mountAll() {
    for (const script of document.querySelectorAll(`script[type="${TYPE}view+json"]`)) {
      const element = document.createElement("div");
      element.className = "sphere-host";
      script.before(element);
      try {
        mount(JSON.parse(script.textContent).model_id, element);
      } catch (error) {
        say(element, `This widget cannot be shown here: ${error.message}.`);
      }
    }
  }

  try {
    readRecords();
  } catch (error) {
    console.warn(`sphere_host: the page's widget state cannot be read: ${error.message}`);
  }
  mountAll();
})();
