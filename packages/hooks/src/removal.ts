import { prototypeOf, type HookContext } from "./context.ts";
import { remove } from "./wrap.ts";

/**
 * What could only fail here, as the headers forbid it: connections that do not pass the service worker, workers that would replace ours, and
 * what asks the person or the machine. Sites that look for it go another way.
 */
const GLOBALS = [
  ...[
    "RTCPeerConnection",
    "webkitRTCPeerConnection",
    "RTCDataChannel",
    "RTCSessionDescription",
    "RTCIceCandidate",
  ],
  ...[
    "WebTransport",
    "WebTransportBidirectionalStream",
    "WebTransportDatagramDuplexStream",
    "WebTransportError",
  ],
  ...["WebSocketStream", "WebSocketError", "TCPSocket", "UDPSocket", "TCPServerSocket"],
  ...["Notification", "PushManager", "PushSubscription", "PushSubscriptionOptions"],
  ...["ServiceWorker", "ServiceWorkerContainer", "ServiceWorkerRegistration"],
  ...[
    "PaymentRequest",
    "PaymentResponse",
    "PaymentManager",
    "IdentityCredential",
    "IdentityProvider",
    "FederatedCredential",
  ],
  ...[
    "BackgroundFetchManager",
    "SyncManager",
    "PeriodicSyncManager",
    "PresentationRequest",
    "RemotePlayback",
  ],
  ...[
    "Bluetooth",
    "USB",
    "HID",
    "Serial",
    "GPU",
    "XRSystem",
    "IdleDetector",
    "SharedStorage",
    "sharedStorage",
    "fetchLater",
  ],
  ...[
    "cookieStore",
    "CookieStore",
    "CookieChangeEvent",
    "CookieStoreManager",
    "queryLocalFonts",
    "launchQueue",
    "LaunchQueue",
  ],
  ...[
    "LanguageModel",
    "Summarizer",
    "Translator",
    "LanguageDetector",
    "Fence",
    "FencedFrameConfig",
    "HTMLFencedFrameElement",
  ],
];

const OF_NAVIGATOR = [
  ...[
    "serviceWorker",
    "mediaDevices",
    "getUserMedia",
    "webkitGetUserMedia",
    "geolocation",
    "permissions",
    "credentials",
  ],
  ...[
    "bluetooth",
    "usb",
    "hid",
    "serial",
    "gpu",
    "xr",
    "presentation",
    "wakeLock",
    "virtualKeyboard",
    "devicePosture",
  ],
  ...[
    "requestMIDIAccess",
    "requestMediaKeySystemAccess",
    "registerProtocolHandler",
    "unregisterProtocolHandler",
  ],
  ...[
    "setAppBadge",
    "clearAppBadge",
    "joinAdInterestGroup",
    "runAdAuction",
    "sharedStorage",
    "deprecatedRunAdAuctionEnforcesKAnonymity",
  ],
  ...["ink", "managed", "contacts", "webkitTemporaryStorage", "webkitPersistentStorage"],
];

export function installRemoval({ scope }: HookContext): void {
  remove(scope, GLOBALS);
  remove(prototypeOf(scope, "Navigator"), OF_NAVIGATOR);
  remove(prototypeOf(scope, "WorkerNavigator"), OF_NAVIGATOR);
  remove(prototypeOf(scope, "Document"), [
    "requestStorageAccess",
    "requestStorageAccessFor",
    "browsingTopics",
    "hasPrivateToken",
  ]);
}
