// Runs the handler of the CDK's AwsCustomResource once, as Lambda would, and ends:
// `node handler_of_the_cdk.cjs HANDLER EVENT PORT`.
const fs = require('fs');
const http = require('http');
const https = require('https');

const [, , handler, event, port] = process.argv;
// CloudFormation takes answers over TLS at the usual port, the one on loopback does not.
https.request = (options, respond) => http.request({ ...options, port }, respond);

require(handler)
  .handler(JSON.parse(event), { logStreamName: 'stream' })
  .then(() => {
    // With the most memory that it had. What the kernel tells the parent counts the parent's too.
    console.log(fs.readFileSync('/proc/self/status', 'utf8'));
    process.exit();
  });
