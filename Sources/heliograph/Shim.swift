import Hardware
import Quantities
import Daemon
extension ModbusBus {
  init(_ endpoint: ModbusEndpoint, timeout: TimeSpan) {
    guard case .tcp(let host, let port) = endpoint else { fatalError() }
    self.init(host: host, port: port, timeout: timeout)
  }
}
extension Configuration.Device { var place: String { "\(host):\(port) unit \(unit)" } }
