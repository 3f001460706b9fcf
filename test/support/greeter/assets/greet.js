window.Mibew.APIFunctions.greeterGreet = function (data) {
  var line = document.createElement('p');
  line.className = 'greeting';
  line.textContent = window.greeterWords.hello + ' ' + data.greeter.page;
  document.body.appendChild(line);
};
window.Mibew.APIFunctions.greeterLost = function () {
  document.body.textContent = 'called without its script';
};
