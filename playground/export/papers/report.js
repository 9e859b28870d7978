const charts = JSON.parse(document.getElementById("charts").textContent);
const options = {displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"]};
charts.forEach((chart, number) => Plotly.newPlot(`chart-${number}`, chart.data, chart.layout, options));
