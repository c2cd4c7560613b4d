'use strict';

// What undici's index does for these three names. With a bare `undici` the bundle takes this file instead (build.ts).
const api = require('undici/lib/api/index.js');
const buildConnector = require('undici/lib/core/connect.js');
const Agent = require('undici/lib/dispatcher/agent.js');
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
const ProxyAgent = require('undici/lib/dispatcher/proxy-agent.js');

Object.assign(Dispatcher.prototype, api);

module.exports = { Agent, ProxyAgent, buildConnector };
