// The code of the next second, and how the document stands.

const place = document.querySelector("[data-follow]");
const image = document.querySelector("[data-image]");

async function follow() {
  const answer = await fetch(place.dataset.follow).catch(() => null);
  const state = answer?.ok ? await answer.json() : null;
  if (state?.final) {
    location.reload();
    return;
  }
  if (state && place.textContent !== state.text) place.textContent = state.text;
  if (state) for (const part of document.querySelectorAll("[data-while-open]")) part.hidden = !state.code;
  if (image && state?.code !== false) image.src = `${image.dataset.image}?${Date.now()}`;
  setTimeout(follow, 1000);
}

setTimeout(follow, 1000);
