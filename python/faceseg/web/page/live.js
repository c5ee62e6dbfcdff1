// The camera: frames go to the server one at a time, each answer is laid over the frame that it belongs to.

const LONGEST = 640; // pixels of a frame's longer side

export class Live {
  /** canvas: where frames are drawn. chosen: gives the form's values. tell: {rate(number), failed(sentence)}. */
  constructor(video, canvas, chosen, tell) {
    Object.assign(this, {video, canvas, chosen, tell});
    this.sent = document.createElement("canvas");
    this.small = document.createElement("canvas");
    this.times = [];
  }

  /** Throws an Error with a sentence where there is no camera to be had. */
  async start() {
    this.stream = await cameraStream();
    if (this.isOver) return this.stop();
    this.stream.getVideoTracks()[0].addEventListener("ended", () => this.fail("The camera was taken away."));
    this.video.srcObject = this.stream;
    await this.video.play();
    const address = new URL("api/live", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.binaryType = "blob";
    this.socket.addEventListener("open", () => this.send());
    this.socket.addEventListener("message", event => this.answered(event.data));
    this.socket.addEventListener("close", event => this.fail(event.reason || "The server does not answer any more."));
  }

  stop() {
    this.isOver = true;
    this.stream?.getTracks().forEach(track => track.stop());
    this.video.srcObject = null;
    this.socket?.close();
  }

  /** The camera's picture at its own size, not mirrored, as a file. */
  still() {
    const canvas = document.createElement("canvas");
    draw(this.video, canvas, this.video.videoWidth, this.video.videoHeight);
    return new Promise(resolve => canvas.toBlob(blob => resolve(new File([blob], "camera.png", {type: "image/png"}))));
  }

  async send() {
    const {videoWidth: width, videoHeight: height} = this.video;
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    draw(this.video, this.sent, Math.round(width * scale), Math.round(height * scale));
    const frame = await new Promise(resolve => this.sent.toBlob(resolve, "image/jpeg", 0.9));
    if (this.isOver || this.socket.readyState !== WebSocket.OPEN) return;
    this.wanted = this.chosen();
    const {view, target, paint: color, strength} = this.wanted;
    this.socket.send(JSON.stringify({layer: view === "cutout" ? "alpha" : view, target, color, strength}));
    this.socket.send(frame);
  }

  async answered(data) {
    if (this.isOver) return;
    if (typeof data === "string") return this.fail(JSON.parse(data).error);
    const layer = await createImageBitmap(data);
    this.compose(layer);
    layer.close();
    this.count();
    requestAnimationFrame(() => this.send()); // which waits while nobody looks
  }

  compose(layer) {
    const {view, background, color, mirror} = this.wanted;
    const {width, height} = this.sent;
    const context = sized(this.canvas, width, height);
    const isOpen = view === "cutout" && background === "transparent";
    this.canvas.classList.toggle("squares", isOpen);
    this.canvas.classList.toggle("mirrored", mirror);
    if (view === "overlay") context.drawImage(this.sent, 0, 0);
    context.drawImage(layer, 0, 0);
    if (view === "overlay" || view === "recolor") return;
    if (view === "cutout") {
      context.globalCompositeOperation = "source-in";
      context.drawImage(this.sent, 0, 0);
    }
    if (isOpen) return;
    context.globalCompositeOperation = "destination-over";
    if (view === "cutout" && background === "blurred") {
      this.blur(context, layer);
    } else {
      context.fillStyle = view === "alpha" ? "black" : color;
      context.fillRect(0, 0, width, height);
    }
  }

  /** Lays the blurred background under what is there. Without the head, so that its colours do not run into it. */
  blur(context, layer) {
    const {width, height} = this.sent;
    const small = draw(this.sent, this.small, Math.ceil(width / 20), Math.ceil(height / 20));
    small.globalCompositeOperation = "destination-out";
    small.drawImage(layer, 0, 0, this.small.width, this.small.height);
    // Each time the same colours: what is half transparent beside the head becomes opaque.
    for (let i = 0; i < 8; ++i) context.drawImage(this.small, 0, 0, width, height);
  }

  /** Frames of the last two seconds. */
  count() {
    const now = performance.now();
    this.times = [...this.times.filter(time => now - time < 2000), now];
    if (this.times.length > 2) this.tell.rate(1000 * (this.times.length - 1) / (now - this.times[0]));
  }

  fail(sentence) {
    if (this.isOver) return;
    this.stop();
    this.tell.failed(sentence);
  }
}

async function cameraStream() {
  if (!navigator.mediaDevices) {
    throw new Error("Browsers give a camera only to pages of this machine (127.0.0.1) or over https.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({video: {width: {ideal: 1280}, facingMode: "user"}});
  } catch (error) {
    const sentences = {
      NotAllowedError: "The browser was not allowed to use the camera.",
      NotFoundError: "No camera was found.",
      NotReadableError: "The camera is in use elsewhere.",
    };
    throw new Error(sentences[error.name] ?? `The camera does not start: ${error.message}`);
  }
}

function sized(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
  const context = canvas.getContext("2d");
  context.globalCompositeOperation = "source-over";
  context.imageSmoothingQuality = "high";
  context.clearRect(0, 0, width, height);
  return context;
}

function draw(picture, canvas, width, height) {
  const context = sized(canvas, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return context;
}
