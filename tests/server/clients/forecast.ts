// A forecast by a client in TypeScript, whose types come from the document alone. It prints its close.
import createClient from "openapi-fetch";
import type { components, paths } from "./document.js";

type Forecast = components["schemas"]["Forecast"];

function fail(status: number, problem: unknown): never {
  throw new Error(`${status}: ${JSON.stringify(problem)}`);
}

const [url, key] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

// Of many tickers in one call.
const many = await client.GET("/forecast", { params: { query: { tickers: "AMZN" } } });
const forecast: Forecast = many.data?.forecasts[0] ?? fail(many.response.status, many.error);
const close: number = forecast.predictions.next_day.close;
const [low, high] = forecast.intervals["90"]?.[0]?.close ?? fail(200, "no intervals");
if (!(low !== undefined && high !== undefined && low < close && close < high)) fail(200, [low, close, high]);

// Of one, whose model may have to be trained first.
const one = await client.POST("/predict-child", { body: { ticker: "AMZN" } });
if (one.response.status !== 200 && one.response.status !== 202) fail(one.response.status, one.error);

// What does not fit is told in the form that the document states.
const wrong = await client.POST("/predict-child", { body: { ticker: "../etc" } });
const detail: string = wrong.error?.detail ?? fail(wrong.response.status, "no detail");
if (wrong.response.status !== 422) fail(wrong.response.status, detail);
console.log(close);
