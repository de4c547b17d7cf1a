// Runs the handler of the CDK's AwsCustomResource once:
// `node handler_of_the_cdk.cjs HANDLER EVENT PORT`.
const fs = require('fs');
const http = require('http');
const https = require('https');

const [, , handler, event, port] = process.argv;
// CloudFormation receives responses over TLS on port 443, the server on loopback does not.
https.request = (options, respond) => http.request({ ...options, port }, respond);

require(handler)
  .handler(JSON.parse(event), { logStreamName: 'stream' })
  .then(() => {
    // Includes the peak memory. The value that the parent can read includes the parent.
    console.log(fs.readFileSync('/proc/self/status', 'utf8'));
    process.exit();
  });
