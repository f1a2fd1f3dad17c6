// Who has chosen no time zone finds the browser's own chosen in the form; saving it is the consent.
const field = document.getElementById("zone");
const guess = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (field && !field.value && [...field.options].some((option) => option.value === guess)) {
  field.value = guess;
  document.getElementById("zone-hint").textContent = field.dataset.guess.replace("{zone}", guess);
}
