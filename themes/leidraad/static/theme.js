// Runs before the first paint: says that scripts work, and applies what the reader chose earlier.
(function (root) {
  root.dataset.js = "";
  try {
    var theme = localStorage.getItem("leidraad:theme");
    if (theme) root.dataset.theme = theme;
    if (localStorage.getItem("leidraad:marks") === "off") root.dataset.marks = "off";
  } catch (denied) {
    // Without storage the page follows the device.
  }
})(document.documentElement);
