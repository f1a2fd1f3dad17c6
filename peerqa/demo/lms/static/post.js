// Posts the form at once; without scripts there is a button.
document.getElementById("post").submit();
