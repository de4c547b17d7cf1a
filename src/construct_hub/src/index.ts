export { RstPacketsSentAlarmsOptions } from './alarms';
export { PrivateLinkEndpointService, PrivateLinkEndpointServiceProps } from './endpoint-service';
export { IPrivateLinkEndpointService } from './interface';
export { IGatewayLoadBalancer, LoadBalancers, NetworkLoadBalancerOptions } from './load-balancers';
export { ConnectionEvent, ConnectionNotificationOptions } from './connection-notifications';
export { PayerResponsibility } from './payer-responsibility';
export { AllowedPrincipal } from './allowed-principals';
export { PrivateDns, PrivateDnsOptions } from './private-dns';
export { ServiceNameSource } from './service-name';
